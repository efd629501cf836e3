/// 卡片状态 The card's life cycle: the ISD's state in GlobalPlatform's values (profile CC-1, 2.1).
package enum CardState: UInt8, Codable, Hashable, Sendable, CaseIterable {
    case initialized = 0x07
    case secured = 0x0F
    case locked = 0x7F
    case terminated = 0xFF

    /// Whether SET STATUS may bring the card from this state to another; never back to a blank one.
    package func mayBecome(_ next: CardState) -> Bool {
        switch (self, next) {
        case (.initialized, .secured), (.secured, .locked), (.locked, .secured): true
        case (.initialized, .terminated), (.secured, .terminated), (.locked, .terminated): true
        case (.terminated, .terminated): false
        case (.initialized, .initialized), (.initialized, .locked): false
        case (.secured, .initialized), (.secured, .secured): false
        case (.locked, .initialized), (.locked, .locked): false
        case (.terminated, .initialized), (.terminated, .secured), (.terminated, .locked): false
        }
    }
}

/// 应用状态 An application's life cycle: blank, personalised, and either of them locked.
package enum ApplicationState: UInt8, Codable, Hashable, Sendable, CaseIterable {
    case selectable = 0x07
    case personalized = 0x0F
    case selectableLocked = 0x87
    case personalizedLocked = 0x8F

    /// Bit 80.
    package var isLocked: Bool { rawValue & 0x80 != 0 }

    /// Whether SET STATUS may bring the application from this state to another.
    package func mayBecome(_ next: ApplicationState) -> Bool {
        switch (self, next) {
        case (.selectable, .personalized): true
        case (.selectable, .selectableLocked), (.selectableLocked, .selectable): true
        case (.personalized, .personalizedLocked), (.personalizedLocked, .personalized): true
        case (.selectable, .selectable), (.selectable, .personalizedLocked): false
        case (.personalized, .selectable), (.personalized, .personalized), (.personalized, .selectableLocked): false
        case (.selectableLocked, .personalized), (.selectableLocked, .selectableLocked): false
        case (.selectableLocked, .personalizedLocked), (.personalizedLocked, .selectable): false
        case (.personalizedLocked, .selectableLocked), (.personalizedLocked, .personalizedLocked): false
        }
    }
}
