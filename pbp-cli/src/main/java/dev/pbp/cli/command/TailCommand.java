package dev.pbp.cli.command;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.cli.database.CatalogQueries;
import dev.pbp.cli.database.DatabaseErrors;
import dev.pbp.cli.database.HelloWorldSchema;
import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.settings.DurationFormat;
import dev.pbp.cli.settings.InvalidSettingException;
import dev.pbp.cli.settings.NameSuggestion;
import dev.pbp.cli.settings.SettingValue;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.JsonText;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.cli.terminal.TerminalText;
import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.JdbcTableReader;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints row changes as they happen. */
@Command(
        name = "tail",
        description = "Print row changes as they are committed.",
        footer = {
            "",
            "From now on, or from where another tail ended: it says its cursor on standard error at the end.",
            "With --check the tables are read first. Each change's old row must be the row held; a mismatch is reported in a"
                    + " line on standard error, and the exit status is 1 in the end. The rows held may take 64 MB.",
            "Example: pbp-cli tail orders --json"
        })
final class TailCommand implements Callable<Integer> {
    private static final int POOL_SIZE = 3;

    private final Console console;
    private final Shutdown shutdown;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Parameters(
            arity = "0..*",
            paramLabel = "TABLE",
            description = "The tables, as the feed names them; else all tracked.")
    private List<String> tables = List.of();

    @Option(names = "--from", paramLabel = "CURSOR", description = "Go on from here.")
    private @Nullable String from;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "End after N changes (and the rest of their transaction).")
    private @Nullable String count;

    @Option(names = "--check", description = "Compare each change's old row with the row before it. Not with --from.")
    private boolean check;

    @Option(
            names = "--json",
            description = "Print {\"table\",\"op\",\"key\",\"old\",\"new\",\"txid\",\"more\"} a line.")
    private boolean json;

    TailCommand(Console console, Shutdown shutdown) {
        this.console = console;
        this.shutdown = shutdown;
    }

    @Override
    public Integer call() throws InterruptedException {
        long wanted = count == null ? Long.MAX_VALUE : DurationFormat.count(new SettingValue(count, "--count"));
        Cursor start = from == null ? null : cursor(from);
        if (check && start != null) {
            throw new InvalidSettingException(
                    "--check",
                    "cannot begin in the past, where no rows can be read to compare with: leave out --from or --check");
        }
        Settings settings = options.settings();
        shutdown.needsOrder();
        shutdown.isSuccess();
        try (PostgresServer server = PostgresServer.open(settings, settings.server(null), console, shutdown)) {
            return follow(server, start, wanted);
        }
    }

    private int follow(PostgresServer server, @Nullable Cursor start, long wanted) throws InterruptedException {
        try {
            List<String> names = wanted(server);
            try (HikariDataSource pool = Pool.open(
                            server.address().jdbcUrl(), server.properties(PostgresServer.program("tail")), POOL_SIZE);
                    NotificationHub hub =
                            server.startHub("tail", List.of(PostgresChangeFeed.CHANNEL), new HubObserver() {})) {
                Cursors cursors = Cursors.of(pool);
                ChangeVerifier changes =
                        check ? new ChangeVerifier(new JdbcTableReader(pool, cursors), names, console, shutdown) : null;
                try (ChangeFeed feed = PostgresChangeFeed.start(pool, cursors, hub)) {
                    Cursor begin = changes != null ? changes.read() : start != null ? start : feed.position();
                    console.say("following from " + begin);
                    follow(feed, begin, Filter.tables(names.toArray(new String[0])), wanted, changes);
                }
                return changes == null || changes.isRight() ? ExitStatus.DONE : ExitStatus.FAILED;
            }
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        } catch (ChangeVerifier.Stopped e) {
            return ExitStatus.DONE;
        }
    }

    private static Cursor cursor(String text) {
        try {
            return new Cursor(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException("--from", String.valueOf(e.getMessage()));
        }
    }

    private List<String> wanted(PostgresServer server) throws SQLException {
        try (Connection connection = server.connect()) {
            CatalogQueries catalog = new CatalogQueries(connection, 0);
            if (!catalog.isInitialised()) {
                throw HelloWorldSchema.notInitialised(server);
            }
            List<String> tracked = catalog.trackedTables();
            for (String table : tables) {
                if (!tracked.contains(table)) {
                    throw new CommandException(
                            "table " + table + " is not live" + NameSuggestion.question(table, tracked)
                                    + ": switch it on with  pbp-cli track " + table
                                    + "  (live are " + String.join(", ", tracked) + ")");
                }
            }
            if (tracked.isEmpty()) {
                throw new CommandException("no table is live: switch one on with  pbp-cli track TABLE");
            }
            return tables.isEmpty() ? tracked : tables;
        }
    }

    private void follow(ChangeFeed feed, Cursor begin, Filter filter, long wanted, @Nullable ChangeVerifier changes)
            throws InterruptedException {
        Cursor cursor = begin;
        boolean resumable = true;
        long printed = 0;
        boolean more = false;
        AtomicReference<Wait> waiting = new AtomicReference<>();
        shutdown.onRequest(() -> release(waiting));
        try {
            while ((printed < wanted || more) && !shutdown.isRequested()) {
                Wait wait = feed.nextPart(cursor, filter);
                waiting.set(wait);
                if (shutdown.isRequested()) {
                    wait.release(); // it came before this wait was there to be released
                }
                try {
                    Batch batch = wait.batch().get();
                    print(batch);
                    printed += batch.changes().size();
                    cursor = batch.cursor();
                    more = batch.more();
                    if (changes != null) {
                        batch.changes().forEach(changes::check);
                    }
                } catch (ExecutionException e) {
                    if (changes == null || !(e.getCause() instanceof MustRefetchException must)) {
                        throw e;
                    }
                    resumable = false;
                    more = false;
                    console.say(TerminalText.visible(
                            must.getMessage() + ": reading again; what changed up to then is not printed"));
                    cursor = changes.read();
                    resumable = true;
                    console.say("following from " + cursor);
                }
            }
        } catch (ExecutionException e) {
            resumable = !(e.getCause() instanceof MustRefetchException);
            throw e.getCause() instanceof MustRefetchException must
                    ? new CommandException(must.getMessage() + " (with tail: start again without --from)", must)
                    : new CommandException(String.valueOf(e.getCause()), e);
        } catch (ChangeVerifier.Stopped e) {
            resumable = false; // there is no cursor yet
        } catch (CancellationException e) {
            throw new CommandException("tail: the wait was cancelled", e);
        } finally {
            if (changes != null) {
                changes.sum();
            }
            if (resumable) {
                console.say("go on with  --from " + cursor);
            }
        }
    }

    private void print(Batch batch) {
        for (Change change : batch.changes()) {
            console.write(json ? oneLine(json(change, batch.more())) : TerminalText.visible(oneLine(line(change))));
        }
        console.flush();
    }

    private static void release(AtomicReference<Wait> waiting) {
        Wait wait = waiting.get();
        if (wait != null) {
            wait.release();
        }
    }

    private static String line(Change change) {
        return change.txid() + " " + change.operation().word() + " " + change.table()
                + (change.key() == null ? "" : " " + change.key())
                + (change.newRow() == null ? "" : " " + change.newRow());
    }

    private static String json(Change change, boolean more) {
        return "{\"table\":" + JsonText.string(change.table()) + ",\"op\":\""
                + change.operation().word() + "\",\"key\":"
                + change.key() + ",\"old\":" + change.oldRow() + ",\"new\":" + change.newRow() + ",\"txid\":\""
                + change.txid() + (more ? "\",\"more\":true}" : "\"}");
    }

    /** Within a row's JSON a line break is white space. */
    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }
}
