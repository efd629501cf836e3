/// Parts of invented names.
enum NameStock {
    static let surnames = Array(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺顾毛郝龚邵万钱严武戴莫孔向汤仇单"
    )
    .map { String($0) }
    static let doubleSurnames = ["欧阳", "司马", "上官", "诸葛", "东方", "尉迟"]
    static let given = Array("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰玉萍红辉梅玲斌宇浩凯健俊帆雪婷慧琳晨阳子涵欣怡梓轩诗雨思远志文建国春华云飞海波晓东彬嘉宁佳瑞")
        .map { String($0) }
    /// 生僻字 Characters that older systems lose: extensions A to E, compatibility traps, names out of the dictionary.
    static let rare = [
        "𠀀", "㛃", "㑇", "𤧛", "𫍯", "𬘓", "䶮", "𬤇", "𨱏", "𬬩", "𣲘", "𫄧", "𠅤", "龥", "鿍", "喆", "堃", "昇", "彧", "嫑",
        "玥",
    ]
    static let dotted = [
        "阿依古丽·买买提", "古丽娜尔·阿卜杜拉", "艾力江·吐尔逊", "热依汗·肉孜", "次仁·多吉", "阿不都热西提·依明", "努尔兰·哈力克", "玛丽亚·伊万诺娃",
    ]
    static let foreign: [(name: String, nationality: String)] = [
        ("MARTIN GARCÍA LÓPEZ", "ESP"), ("ANNA SCHMIDT", "DEU"), ("JOHN O'NEIL", "IRL"), ("PARK JI-WOO", "KOR"),
        ("TANAKA YUKI", "JPN"), ("NGUYỄN VĂN AN", "VNM"), ("MARIE-CLAIRE DUBOIS", "FRA"), ("IVAN PETROV", "RUS"),
    ]
    static let streets = ["中山路", "秣陵路", "珠江路", "长江路", "人民南路", "解放街", "青年西路", "湖滨巷", "工农路", "文化街"]
}
