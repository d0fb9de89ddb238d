package dev.pbp.web.internal.http;

import dev.pbp.push.http.Json;
import dev.pbp.push.http.Problem;
import dev.pbp.web.Condition;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.StatusCodes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code /healthz}: the threads that the site cannot do without run. {@code /readyz}: all conditions hold. {@code /metrics}: the given exposition. At most one
 * check of the conditions is under way; all requests that come meanwhile share its outcome.
 */
public final class HealthHandler implements HttpHandler {
    /** The path of liveness. */
    public static final String LIVE = "/healthz";
    /** The path of readiness. */
    public static final String READY = "/readyz";
    /** The path of the metrics. */
    public static final String METRICS = "/metrics";

    /** The paths that are open to every client under any Host: an orchestrator asks by address and without a token. */
    static final Set<String> PROBES = Set.of(LIVE, READY);

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

    private final Map<String, Condition> liveness;
    private final Map<String, Condition> conditions;
    private final @Nullable Supplier<String> metrics;
    private final AtomicReference<@Nullable CompletableFuture<Map<String, String>>> look = new AtomicReference<>();

    /**
     * Keeps its parts.
     *
     * @param liveness conditions of liveness, by name; they must not block
     * @param conditions of readiness, by name
     * @param metrics gives the metrics; null if there are none
     */
    public HealthHandler(
            Map<String, Condition> liveness, Map<String, Condition> conditions, @Nullable Supplier<String> metrics) {
        this.liveness = new LinkedHashMap<>(liveness);
        this.conditions = new LinkedHashMap<>(conditions);
        this.metrics = metrics;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        Responses.requireReads(exchange);
        switch (exchange.getRequestPath()) {
            case READY -> {
                Executor worker = exchange.getConnection().getWorker();
                exchange.dispatch(
                        SameThreadExecutor.INSTANCE,
                        () -> look(worker)
                                .thenAccept(problems ->
                                        exchange.getIoThread().execute(() -> sendReadiness(exchange, problems))));
            }
            case METRICS -> sendMetrics(exchange);
            default -> sendLiveness(exchange);
        }
    }

    /** A process that cannot recover has to be restarted, so the response asks for that. */
    private void sendLiveness(HttpServerExchange exchange) {
        String ended = liveness.entrySet().stream()
                .map(each -> each.getKey() + ": " + outcome(each.getValue()))
                .filter(outcome -> !outcome.endsWith(": ok"))
                .collect(Collectors.joining("; "));
        if (ended.isEmpty()) {
            Responses.send(exchange, TEXT, "ok\n");
        } else {
            Responses.fail(exchange, new Problem(503, ended + "; the process has to be restarted"));
        }
    }

    private CompletableFuture<Map<String, String>> look(Executor worker) {
        CompletableFuture<Map<String, String>> fresh = new CompletableFuture<>();
        CompletableFuture<Map<String, String>> underWay = look.compareAndExchange(null, fresh);
        if (underWay != null) {
            return underWay;
        }
        worker.execute(() -> {
            Map<String, String> problems = new LinkedHashMap<>();
            try {
                conditions.forEach((name, condition) -> problems.put(name, outcome(condition)));
            } finally {
                look.set(null);
                fresh.complete(problems);
            }
        });
        return fresh;
    }

    private static String outcome(Condition condition) {
        try {
            return condition.problem().orElse("ok");
        } catch (RuntimeException e) { // whatever it is: the condition could not be seen to hold
            return String.valueOf(e.getMessage());
        }
    }

    private static void sendReadiness(HttpServerExchange exchange, Map<String, String> outcomes) {
        boolean ready = outcomes.values().stream().allMatch("ok"::equals);
        if (!ready) {
            exchange.setStatusCode(StatusCodes.SERVICE_UNAVAILABLE);
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, "1");
        }
        Responses.send(exchange, "application/json", Json.write(Map.of("ready", ready, "checks", outcomes)));
    }

    private void sendMetrics(HttpServerExchange exchange) {
        Supplier<String> exposition = metrics;
        if (exposition == null) {
            Responses.fail(exchange, new Problem(404, METRICS + ": no metrics are kept here"));
            return;
        }
        Responses.onWorker(exchange, () -> Responses.send(exchange, EXPOSITION, exposition.get()));
    }
}
