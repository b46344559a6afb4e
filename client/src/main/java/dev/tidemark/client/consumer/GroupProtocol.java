package dev.tidemark.client.consumer;

/// How a group agrees on who reads what.
public enum GroupProtocol {
    /// [#CONSUMER], or [#CLASSIC] where the broker does not have it.
    AUTO,
    /// KIP-848: the broker assigns.
    CONSUMER,
    /// A member assigns: by range, all giving up all at each rebalance. Together with members that know
    /// `cooperative-sticky` only, by that.
    CLASSIC,
    /// A member assigns: `cooperative-sticky`, so that only what moves is given up. All members must know it.
    CLASSIC_COOPERATIVE
}
