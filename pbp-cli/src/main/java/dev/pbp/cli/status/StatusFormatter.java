package dev.pbp.cli.status;

import dev.pbp.cli.database.ClientSession;
import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.settings.DurationFormat;
import dev.pbp.cli.status.Status.Feed;
import dev.pbp.cli.status.Status.Listener;
import dev.pbp.cli.status.Status.Log;
import dev.pbp.cli.status.Status.Table;
import dev.pbp.cli.terminal.JsonText;
import dev.pbp.cli.terminal.TerminalText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A status for people. */
public final class StatusFormatter {
    /** So that the whole fits a terminal of usual height. */
    private static final int MOST_ROWS = 8;

    private static final int LONGEST_STATEMENT = 40;

    private final Status status;
    private final PostgresServer server;
    private final List<String> lines = new ArrayList<>();

    /**
     * Keeps what to format.
     *
     * @param status the state
     * @param server where it was read
     */
    public StatusFormatter(Status status, PostgresServer server) {
        this.status = status;
        this.server = server;
    }

    /**
     * Formats it for a terminal.
     *
     * @return lines without their ends; at most eight for a list
     */
    public List<String> lines() {
        Status.ServerState state = status.server();
        line(
                "server",
                "PostgreSQL " + state.version() + " at " + server.servers() + ", up "
                        + DurationFormat.text(since(state.started())) + (state.standby() ? ", a standby" : ""));
        line(
                "database",
                state.database() + ", " + TerminalText.bytes(state.bytes()) + ", as "
                        + server.address().user());
        Feed feed = status.feed();
        if (feed != null) {
            line("feed", feed(feed));
        }
        Log log = status.log();
        if (log != null) {
            line("log", log(log));
        }
        Double usage = status.queueUsage();
        if (usage != null) {
            line("queue", String.format(Locale.ROOT, "%.2f %% full", usage * 100));
        }
        ClientSession oldest = status.oldest();
        line(
                "oldest",
                oldest == null
                        ? "no transaction is open"
                        : "transaction open for " + DurationFormat.text(oldest.age()) + ": PID " + oldest.pid() + ", "
                                + oldest.role() + " (" + oldest.program() + ") in " + oldest.database() + ", "
                                + oldest.state());
        some("tables", status.tables(), "none is tracked: pbp-cli track TABLE", StatusFormatter::table);
        some("listeners", status.listeners(), "none is known", this::listener);
        status.notSeen().forEach(what -> line("not seen", what));
        return lines;
    }

    private static String feed(Feed feed) {
        Duration lag = feed.lag();
        Duration wake = feed.wake();
        return (lag == null || wake == null
                        ? "lag unknown"
                        : "lag " + millis(lag) + " (wake-up " + millis(wake) + ", look " + millis(feed.look()) + ")")
                + "; "
                + (feed.awakeFor().isZero()
                        ? "readers sleep until told"
                        : "a reader is awake for another " + millis(feed.awakeFor()));
    }

    private String log(Log log) {
        Instant oldest = log.oldest();
        Instant newest = log.newest();
        return "about " + log.rows() + " rows, " + TerminalText.bytes(log.bytes())
                + (oldest == null || newest == null
                        ? ", empty"
                        : ", back to " + DurationFormat.text(since(oldest)) + " ago, last change "
                                + DurationFormat.text(since(newest)) + " ago");
    }

    private static String table(Table table) {
        return table.name() + "  about " + table.rows() + " rows  " + TerminalText.bytes(table.bytes());
    }

    private String listener(Listener listener) {
        List<String> channels = listener.channels();
        Instant since = listener.since();
        String address = listener.address();
        return "PID " + listener.pid() + "  " + listener.role() + " (" + listener.program() + ")"
                + (address == null ? "" : "  from " + address)
                + (since == null ? "" : "  for " + DurationFormat.text(since(since)))
                + "  "
                + (channels == null ? "last ran: " + shortened(listener.statement()) : String.join(", ", channels));
    }

    private static String shortened(@Nullable String statement) {
        String text = String.valueOf(statement).strip();
        return text.length() <= LONGEST_STATEMENT ? text : text.substring(0, LONGEST_STATEMENT) + "...";
    }

    private Duration since(Instant begin) {
        return Duration.between(begin, status.at());
    }

    private <T> void some(String label, List<T> all, String none, Function<T, String> text) {
        String first = label;
        for (T one : all.subList(0, Math.min(MOST_ROWS, all.size()))) {
            line(first, text.apply(one));
            first = "";
        }
        if (all.isEmpty()) {
            line(label, none);
        } else if (all.size() > MOST_ROWS) {
            line("", "and " + (all.size() - MOST_ROWS) + " more; --json shows all");
        }
    }

    private void line(String label, String text) {
        lines.add(String.format(Locale.ROOT, "%-10s %s", label, TerminalText.visible(text)));
    }

    private static String millis(Duration time) {
        return time.toMillis() >= 1000
                ? DurationFormat.text(time)
                : String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
    }

    /**
     * Formats it for programs; {@code docs/schema/status.json} describes it.
     *
     * @param status the state
     * @param servers the servers' names
     * @param user the role
     * @return one object in one line
     */
    public static String json(Status status, String servers, String user) {
        Feed feed = status.feed();
        Log log = status.log();
        ClientSession oldest = status.oldest();
        return JsonText.members()
                .put("at", status.at())
                .put(
                        "server",
                        JsonText.members()
                                .put("version", status.server().version())
                                .put("servers", servers)
                                .put("database", status.server().database())
                                .put("user", user)
                                .put("started", status.server().started())
                                .put("standby", status.server().standby())
                                .put("bytes", status.server().bytes()))
                .put(
                        "feed",
                        feed == null
                                ? null
                                : JsonText.members()
                                        .put("lagMs", number(feed.lag()))
                                        .put("wakeMs", number(feed.wake()))
                                        .put("lookMs", number(feed.look()))
                                        .put("awakeForMs", number(feed.awakeFor())))
                .put(
                        "log",
                        log == null
                                ? null
                                : JsonText.members()
                                        .put("rows", log.rows())
                                        .put("bytes", log.bytes())
                                        .put("oldest", log.oldest())
                                        .put("newest", log.newest()))
                .put("queueUsage", status.queueUsage())
                .put(
                        "oldestTransaction",
                        oldest == null
                                ? null
                                : JsonText.members()
                                        .put("pid", oldest.pid())
                                        .put("role", oldest.role())
                                        .put("program", oldest.program())
                                        .put("database", oldest.database())
                                        .put("state", oldest.state())
                                        .put("ageMs", number(oldest.age())))
                .put(
                        "tables",
                        status.tables().stream()
                                .map(table -> JsonText.members()
                                        .put("name", table.name())
                                        .put("rows", table.rows())
                                        .put("bytes", table.bytes()))
                                .toList())
                .put(
                        "listeners",
                        status.listeners().stream()
                                .map(listener -> JsonText.members()
                                        .put("pid", listener.pid())
                                        .put("role", listener.role())
                                        .put("program", listener.program())
                                        .put("address", listener.address())
                                        .put("since", listener.since())
                                        .put("channels", listener.channels())
                                        .put("statement", listener.statement()))
                                .toList())
                .put("notSeen", status.notSeen())
                .toString();
    }

    private static @Nullable Double number(@Nullable Duration time) {
        return time == null ? null : Math.round(time.toNanos() / 1e3) / 1e3;
    }
}
