package dev.pbp.notify.internal.hub;

import dev.pbp.notify.HubException;
import dev.pbp.notify.HubState;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The hub's state, and the messages that name it. Changed by the hub's thread, read by any. */
public final class HubStatus {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");

    private final HubSettings settings;
    private volatile CompletableFuture<Void> ready = new CompletableFuture<>();
    private volatile HubState state = HubState.CONNECTING;
    private volatile @Nullable HubException lastFailure;

    public HubStatus(HubSettings settings) {
        this.settings = settings;
    }

    public HubState state() {
        return state;
    }

    public @Nullable HubException lastFailure() {
        return lastFailure;
    }

    public CompletableFuture<Void> ready() {
        return ready;
    }

    /** The one before has failed, and there is a connection now. */
    void renewReady() {
        ready = new CompletableFuture<>();
    }

    /** An error of this process: the session is given up for it, and the hub goes on. */
    void reportError(Throwable thrown) {
        LOG.log(
                System.Logger.Level.ERROR,
                "hub " + settings.name()
                        + ": an error on its thread; it connects anew, and what came meanwhile is a gap",
                thrown);
    }

    void move(HubState to, @Nullable Throwable cause) {
        HubState from = state;
        if (from != to) {
            state = to;
            LOG.log(System.Logger.Level.DEBUG, "hub {0}: {1} -> {2}", settings.name(), from, to);
            settings.observer().onState(from, to, cause);
        }
    }

    /** {@code failures} is 0 if it was a connection that worked. */
    HubException backingOff(int failures, Duration next, Throwable cause) {
        HubException failure = new HubException(
                "hub " + settings.name() + ": "
                        + (failures == 0 ? "the connection was lost" : "no connection after " + attempts(failures))
                        + " (state=BACKING_OFF, next=" + next.toMillis() + "ms): " + reason(cause),
                cause);
        lastFailure = failure;
        // A server may be away for days: of many attempts the 1st, 2nd, 4th, 8th and so on are reported.
        boolean report = Integer.bitCount(failures) <= 1;
        LOG.log(report ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG, failure.getMessage());
        move(HubState.BACKING_OFF, failure);
        return failure;
    }

    HubException gaveUp(int failures, Throwable cause) {
        HubException failure = new HubException(
                "hub " + settings.name() + ": gave up after " + attempts(failures)
                        + " in a row, the limit of its backoff (state=FAILED); start a new hub: " + reason(cause),
                cause);
        lastFailure = failure;
        LOG.log(System.Logger.Level.ERROR, failure.getMessage());
        return failure;
    }

    HubException broken(Throwable cause) {
        HubException failure = new HubException(
                "hub " + settings.name() + ": its thread ended by an error (state=FAILED); start a new hub: " + cause,
                cause);
        lastFailure = failure;
        LOG.log(System.Logger.Level.ERROR, failure.getMessage(), cause);
        return failure;
    }

    /** The failure of requests that come after the end. */
    HubException refusal() {
        HubException failure = lastFailure;
        return state == HubState.FAILED && failure != null
                ? failure
                : new HubException("hub " + settings.name() + ": closed (state=" + state + "); start a new one");
    }

    private static String attempts(int failures) {
        return failures == 1 ? "1 attempt" : failures + " attempts";
    }

    private static String reason(Throwable cause) {
        Throwable below = cause.getCause();
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return below == null || below.getMessage() == null || message.contains(below.getMessage())
                ? message
                : message + " (" + below.getMessage() + ")";
    }
}
