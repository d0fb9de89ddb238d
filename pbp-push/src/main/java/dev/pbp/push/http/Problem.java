package dev.pbp.push.http;

import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.model.RepositoryException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * An error response, {@code application/problem+json} (RFC 9457). Thrown by the code that handles a request; the server's adapter
 * writes its status, headers and JSON.
 */
public final class Problem extends RuntimeException {
    /** The Content-Type of the response. */
    public static final String CONTENT_TYPE = "application/problem+json";

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = System.getLogger(Problem.class.getName());
    private static final int SERVICE_UNAVAILABLE = 503;

    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(406, "Not Acceptable"),
            Map.entry(409, "Conflict"),
            Map.entry(410, "Gone"),
            Map.entry(412, "Precondition Failed"),
            Map.entry(413, "Request Entity Too Large"),
            Map.entry(414, "Request-URI Too Large"),
            Map.entry(415, "Unsupported Media Type"),
            Map.entry(421, "Misdirected Request"),
            Map.entry(426, "Upgrade Required"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(SERVICE_UNAVAILABLE, "Service Unavailable"));

    /** The HTTP status. */
    private final int status;

    private final transient Map<String, Object> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /**
     * Describes an error. A 503 asks the client to retry after a second.
     *
     * @param status the HTTP status, one of those that have a title here
     * @param detail what happened, to which thing, and what to do; shown to the client
     * @throws IllegalArgumentException if the status has no title
     */
    public Problem(int status, String detail) {
        super(detail, null, false, false);
        this.status = status;
        members.put("type", "about:blank");
        members.put("title", title(status));
        members.put("status", status);
        members.put("detail", detail);
        if (status == SERVICE_UNAVAILABLE) {
            retryAfter(1);
        }
    }

    private static String title(int status) {
        String title = TITLES.get(status);
        if (title == null) {
            throw new IllegalArgumentException("problem: status " + status + " has no title");
        }
        return title;
    }

    /**
     * Adds a member to the JSON, or replaces its value.
     *
     * @param name the member's name
     * @param value text, a number, a boolean, or a list or map of them
     * @return this
     */
    public Problem with(String name, Object value) {
        members.put(name, value);
        return this;
    }

    /**
     * Adds a header to the response.
     *
     * @param name the header's name
     * @param value its value
     * @return this
     */
    public Problem header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /**
     * Asks the client to retry later.
     *
     * @param seconds the delay in seconds, at least 1
     * @return this
     */
    public Problem retryAfter(int seconds) {
        return header("Retry-After", Integer.toString(seconds));
    }

    /**
     * A field or parameter of the request that is invalid: 400.
     *
     * @param field its name
     * @param detail what is wrong and what was expected
     * @return the problem
     */
    public static Problem badField(String field, String detail) {
        return new Problem(400, field + ": " + detail).with("field", field);
    }

    /**
     * The same for a parameter whose name begins with something more.
     *
     * @param prefix what it begins with
     * @return this, if it names no field
     */
    public Problem ofParameter(String prefix) {
        Object field = members.get("field");
        String detail = String.valueOf(getMessage());
        return field == null || !detail.startsWith(field + ": ")
                ? this
                : badField(prefix + field, detail.substring(field.toString().length() + 2));
    }

    /**
     * A table that does not exist for the client: 404. The same for each reason, so that it does not show which tables there are.
     *
     * @param table its name
     * @return the problem
     */
    public static Problem notOffered(String table) {
        return new Problem(
                404,
                table
                        + ": no table of this name is offered to you; it has to be tracked (pbp-cli track), be among those of serve"
                        + " --tables, and readable for your role");
    }

    /**
     * A method that the path does not allow: 405.
     *
     * @param method the request's method
     * @param allowed the methods that are allowed, as in the header {@code Allow}
     * @return the problem
     */
    public static Problem notAllowed(String method, String allowed) {
        return new Problem(405, method + ": not here; allowed are " + allowed).header("Allow", allowed);
    }

    /**
     * The response to a failure. The detail of an unexpected failure goes to the log, not to the client.
     *
     * @param failure an exception of {@code dev.pbp.core}, a problem, or any other
     * @return the problem
     */
    public static Problem of(Throwable failure) {
        if (failure instanceof Problem problem) {
            return problem;
        } else if (failure instanceof MustRefetchException) {
            return new Problem(410, message(failure)).with("type", "https://pbp.dev/problems/must-refetch");
        } else if (failure instanceof RepositoryException.NotFound
                || failure instanceof RepositoryException.NotTracked) {
            return new Problem(404, message(failure));
        } else if (failure instanceof RepositoryException.InvalidQuery invalid) {
            return badField(invalid.field(), message(failure));
        } else if (failure instanceof RepositoryException.Stale) {
            return new Problem(412, message(failure));
        } else if (failure instanceof RepositoryException.Violated violated) {
            return violation(violated);
        } else if (failure instanceof RepositoryException.Refused) {
            return new Problem(400, message(failure));
        } else if (failure instanceof RepositoryException.Forbidden) {
            return new Problem(403, message(failure));
        } else if (failure instanceof RepositoryException.OutcomeUnknown // a retry could write twice
                || failure instanceof RepositoryException.Unreadable) {
            return new Problem(500, message(failure));
        } else if (failure instanceof RepositoryException.Unavailable
                || failure instanceof RepositoryException.Contended
                || failure instanceof FeedException) {
            return new Problem(SERVICE_UNAVAILABLE, message(failure));
        }
        LOG.log(Level.ERROR, "request failed", failure);
        return new Problem(500, "the request failed; the server's log says why");
    }

    /** Another row conflicts: 409. The row itself violates the constraint: 400, with the field's name. */
    private static Problem violation(RepositoryException.Violated violated) {
        boolean conflict = switch (violated.rule()) {
            case UNIQUE, FOREIGN_KEY, EXCLUSION, TRIGGER -> true;
            case CHECK, NOT_NULL -> false;
        };
        Problem problem = new Problem(conflict ? 409 : 400, message(violated));
        problem.with("rule", violated.rule().name().toLowerCase(Locale.ROOT));
        if (violated.constraint() != null) {
            problem.with("constraint", violated.constraint());
        }
        return violated.columns().isEmpty()
                ? problem
                : problem.with("field", violated.columns().get(0));
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /**
     * The HTTP status.
     *
     * @return 400 to 599
     */
    public int status() {
        return status;
    }

    /**
     * The headers that the response has besides its Content-Type.
     *
     * @return values by name
     */
    public Map<String, String> headers() {
        return Collections.unmodifiableMap(headers);
    }

    /**
     * The body.
     *
     * @return one JSON object
     */
    public String json() {
        return Json.write(members);
    }
}
