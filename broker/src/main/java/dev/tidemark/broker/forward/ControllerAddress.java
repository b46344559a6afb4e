package dev.tidemark.broker.forward;

import dev.tidemark.metadata.control.ControllerGateway;
import dev.tidemark.metadata.image.ControllerImage;

/// Who is the controller, as far as this broker knows. Callable from any thread.
public interface ControllerAddress {
    /// The newest that the image says.
    ControllerImage controller();

    /// Whether it is this broker. May be true a little earlier or later than [#controller] says so.
    boolean isLocal();

    /// This broker's own part of the control plane: it answers only while [#isLocal].
    ControllerGateway local();

    /// The epoch of this broker's registration, -1 while it has none.
    long brokerEpoch();
}
