package dev.pbp.notify.internal.socket;

import java.net.SocketTimeoutException;

/**
 * "Nothing yet": the wait was woken, or its time is over. The TLS layer takes a SocketTimeoutException as harmless and
 * keeps what it has read of a record.
 */
final class WakeupException extends SocketTimeoutException {
    private static final long serialVersionUID = 1L;

    WakeupException() {
        super("woken");
    }

    /** Thrown as a signal, many times a second: no stack trace. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
