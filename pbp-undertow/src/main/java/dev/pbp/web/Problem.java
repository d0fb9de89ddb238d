package dev.pbp.web;

import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.model.RepositoryException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** An answer that is an error, written as {@code application/problem+json} (RFC 9457). */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = System.getLogger(Problem.class.getName());

    static final int MISDIRECTED_REQUEST = 421;

    private final int status;
    private int retryAfter;
    private final transient Map<String, Object> members = new LinkedHashMap<>();

    Problem(int status, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.retryAfter = status == StatusCodes.SERVICE_UNAVAILABLE ? 1 : 0;
        members.put("type", "about:blank");
        members.put("title", status == MISDIRECTED_REQUEST ? "Misdirected Request" : StatusCodes.getReason(status));
        members.put("status", status);
        members.put("detail", detail);
    }

    /** A further member of the problem, or another value for one. */
    Problem with(String name, Object value) {
        members.put(name, value);
        return this;
    }

    /** Tells the client to come back after so many seconds. */
    Problem retryAfter(int seconds) {
        retryAfter = seconds;
        return this;
    }

    /** A value that the client sent and that is no good. */
    static Problem badField(String field, String detail) {
        return new Problem(StatusCodes.BAD_REQUEST, field + ": " + detail).with("field", field);
    }

    static Problem mustRefetch(MustRefetchException e) {
        return new Problem(StatusCodes.GONE, message(e)).with("type", "https://pbp.dev/problems/must-refetch");
    }

    static Problem of(Throwable e) {
        if (e instanceof Problem problem) {
            return problem;
        } else if (e instanceof MustRefetchException must) {
            return mustRefetch(must);
        } else if (e instanceof BadFieldException bad) {
            return new Problem(StatusCodes.BAD_REQUEST, message(bad)).with("field", bad.field());
        } else if (e instanceof RepositoryException.NotFound || e instanceof RepositoryException.NotTracked) {
            return new Problem(StatusCodes.NOT_FOUND, message(e));
        } else if (e instanceof RepositoryException.Stale) {
            return new Problem(StatusCodes.PRECONDITION_FAILED, message(e));
        } else if (e instanceof RepositoryException.Violated violated) {
            return violation(violated);
        } else if (e instanceof RepositoryException.Refused) {
            return new Problem(StatusCodes.BAD_REQUEST, message(e));
        } else if (e instanceof RepositoryException.Forbidden) {
            return new Problem(StatusCodes.FORBIDDEN, message(e));
        } else if (e instanceof RepositoryException.OutcomeUnknown // no invitation to send it again
                || e instanceof RepositoryException.Unreadable) {
            return new Problem(StatusCodes.INTERNAL_SERVER_ERROR, message(e));
        } else if (e instanceof RepositoryException.Unavailable
                || e instanceof RepositoryException.Contended
                || e instanceof FeedException) {
            return new Problem(StatusCodes.SERVICE_UNAVAILABLE, message(e));
        }
        // What went wrong inside is for the log, not for the client.
        LOG.log(Level.ERROR, "request failed", e);
        return new Problem(StatusCodes.INTERNAL_SERVER_ERROR, "the request failed; the server's log says why");
    }

    /** Another row is in the way: 409. The row itself is at fault: 400, and the field is named. */
    private static Problem violation(RepositoryException.Violated violated) {
        boolean othersAreInTheWay = switch (violated.rule()) {
            case UNIQUE, FOREIGN_KEY, EXCLUSION -> true;
            case CHECK, NOT_NULL -> false;
        };
        Problem problem =
                new Problem(othersAreInTheWay ? StatusCodes.CONFLICT : StatusCodes.BAD_REQUEST, message(violated));
        problem.with("rule", violated.rule().name().toLowerCase(Locale.ROOT));
        if (violated.constraint() != null) {
            problem.with("constraint", violated.constraint());
        }
        return violated.columns().isEmpty()
                ? problem
                : problem.with("field", violated.columns().get(0));
    }

    private static String message(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    void send(HttpServerExchange exchange) {
        if (exchange.isResponseStarted()) {
            LOG.log(Level.DEBUG, "too late to answer {0}: {1}", status, getMessage());
            exchange.endExchange();
            return;
        }
        exchange.setStatusCode(status);
        if (retryAfter > 0) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, retryAfter);
        }
        Responses.send(exchange, "application/problem+json", Json.write(members));
    }
}
