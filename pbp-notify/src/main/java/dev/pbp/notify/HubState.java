package dev.pbp.notify;

/** The state of a hub. */
public enum HubState {
    /** Opening the connection and listening to the channels. */
    CONNECTING,
    /** Connected, and every channel is being listened to. */
    LISTENING,
    /** Waiting before it connects again. */
    BACKING_OFF,
    /** Gave up, since the limit of attempts was reached. For good. */
    FAILED,
    /** Delivering what has arrived. */
    CLOSING,
    /** Closed. For good. */
    CLOSED
}
