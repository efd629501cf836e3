print("card-simulator")
