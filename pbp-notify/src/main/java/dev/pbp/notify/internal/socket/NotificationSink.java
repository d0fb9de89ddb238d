package dev.pbp.notify.internal.socket;

/** Takes each notification as its bytes stand in the read buffer; what is to be kept must be copied. */
@FunctionalInterface
public interface NotificationSink {
    /**
     * One NotificationResponse.
     *
     * @param pid the notifying backend's process id
     * @param buffer holds the channel's bytes, a zero, the payload's bytes and a zero; valid during the call
     * @param channel where the channel's name starts
     * @param channelLength in bytes
     * @param payload where the payload starts
     * @param payloadLength in bytes
     */
    void accept(int pid, byte[] buffer, int channel, int channelLength, int payload, int payloadLength);
}
