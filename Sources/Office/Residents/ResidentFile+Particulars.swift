package import Identity

extension ResidentFile {
    /// The file of a resident whose particulars were checked; without a photo.
    package init(_ particulars: Particulars) {
        self.init(
            name: particulars.name.text,
            documentType: particulars.document.type.rawValue,
            documentNumber: particulars.document.number,
            sex: particulars.sex.rawValue,
            birth: particulars.birth.compact,
            ethnicGroup: particulars.ethnicGroup,
            nationality: particulars.nationality,
            district: particulars.district.text,
            phone: particulars.phone?.text ?? "",
            address: particulars.address,
            photo: []
        )
    }
}
