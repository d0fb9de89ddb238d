package dev.pbp.postgres;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Read;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.TestType;
import dev.pbp.core.model.TestTypes;
import dev.pbp.core.model.Written;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.internal.jdbc.CopyReader;
import dev.pbp.postgres.internal.jdbc.UnreadableRowFinder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * {@link TestTypes} over JDBC.
 *
 * <p>Writers do not lock each other out: a version that the caller expects is held against the row as the transaction sees
 * it, and if another changes the row meanwhile, PostgreSQL gives up the one that is late, which looks again ({@link
 * TransactionRunner#retrying}). A write that expects nothing waits for its turn and overwrites.
 */
public final class JdbcTestTypes implements TestTypes {
    private static final String TABLE = "testtype"; // as readers see it; statements name the schema, since search_path
    // begins with the schema that is called like the role
    private static final String ROWS = "SELECT json_build_object('id', id), val FROM public.testtype";

    /** The subquery's order is kept, since it is joined to one row; to sort the join would take all rows before the first comes. */
    private static final String ALL = "COPY (SELECT s.snapshot, t.id, t.mtime, octet_length(t.val),"
            + " CASE WHEN octet_length(t.val) <= " + CopyReader.MAX_ROW_BYTES + " THEN t.val END"
            + " FROM (SELECT pg_current_snapshot()::text AS snapshot) s LEFT JOIN"
            + " (SELECT id::bigint, mtime, val FROM public.testtype ORDER BY testtype.id OFFSET 0) t ON true)"
            + " TO STDOUT (FORMAT binary)";

    private static final int ALL_FIELDS = 5;
    /** From which PostgreSQL counts time in its binary form. */
    private static final Instant MILLENNIUM = Instant.parse("2000-01-01T00:00:00Z");

    private final TransactionRunner latest;
    private final TransactionRunner exact;
    private final Cursors cursors;

    /**
     * Optimistic, by version.
     *
     * @param source gives connections to a database in which {@link Schema#HELLO_WORLD} is installed
     * @param cursors of the same database
     */
    public JdbcTestTypes(DataSource source, Cursors cursors) {
        this(TransactionRunner.on(source, TABLE), cursors);
    }

    private JdbcTestTypes(TransactionRunner transactions, Cursors cursors) {
        this(transactions, transactions.at(Isolation.REPEATABLE_READ), cursors);
    }

    private JdbcTestTypes(TransactionRunner latest, TransactionRunner exact, Cursors cursors) {
        this.latest = latest;
        this.exact = exact;
        this.cursors = cursors;
    }

    /**
     * All of it SERIALIZABLE, for an application whose other transactions are so too.
     *
     * @param source as above
     * @param cursors as above
     * @return the repository
     */
    public static JdbcTestTypes serializable(DataSource source, Cursors cursors) {
        TransactionRunner all = TransactionRunner.on(source, TABLE).at(Isolation.SERIALIZABLE);
        return new JdbcTestTypes(all, all, cursors);
    }

    /**
     * The same with other retries.
     *
     * @param backoff see {@link TransactionRunner#retrying}
     * @return the repository
     * @throws IllegalArgumentException if the backoff has no limit of attempts
     */
    public JdbcTestTypes retrying(Backoff backoff) {
        return new JdbcTestTypes(latest.retrying(backoff), exact.retrying(backoff), cursors);
    }

    @Override
    public TestTypes as(Principal principal) {
        return new JdbcTestTypes(latest.as(principal), exact.as(principal), cursors);
    }

    @Override
    public Read<List<TestType>> findAll() {
        List<TestType> all = new ArrayList<>();
        List<Supplier<Cursor>> shown = new ArrayList<>();
        read(
                cursor -> {
                    all.clear();
                    shown.add(cursor);
                },
                all::add);
        return new Read<>(all, shown.get(shown.size() - 1).get());
    }

    @Override
    public void read(Consumer<Supplier<Cursor>> begin, Consumer<TestType> each) {
        // One statement sees one snapshot; the left join gives it also where the table is empty.
        named(() -> latest.read(connection -> {
            if (latest.isolation() != Isolation.READ_COMMITTED) {
                try (Statement lock = connection.createStatement()) { // before the snapshot: see JdbcTableReader
                    lock.execute("LOCK TABLE public.testtype IN ACCESS SHARE MODE");
                }
            }
            try (CopyReader rows = CopyReader.of(connection.unwrap(PGConnection.class), ALL, TABLE, ALL_FIELDS)) {
                boolean begun = false;
                while (rows.next()) {
                    String snapshot = String.valueOf(rows.text());
                    if (!begun) {
                        begin.accept(() -> cursors.at(snapshot));
                        begun = true;
                    }
                    if (rows.isNull()) {
                        break; // the one row of an empty table
                    }
                    each.accept(copied(rows));
                }
                return begun;
            }
        }));
    }

    private static TestType copied(CopyReader rows) throws SQLException {
        long id = rows.int64();
        Instant mtime = MILLENNIUM.plus(rows.int64(), ChronoUnit.MICROS);
        int size = rows.int32();
        String val = rows.text();
        if (val == null) {
            throw tooLarge(id, size);
        }
        return new TestType(id, val, mtime);
    }

    @Override
    public List<TestType> newest(int most, int bytes) {
        return named(() -> latest.query(connection -> {
            // The lengths are known without reading what is long.
            try (PreparedStatement select = connection.prepareStatement("SELECT id, val, mtime FROM"
                    + " (SELECT *, sum(octet_length(val)) OVER (ORDER BY id DESC) AS bytes FROM"
                    + " (SELECT id, val, mtime FROM public.testtype ORDER BY id DESC LIMIT ?) newest) measured"
                    + " WHERE bytes <= ? ORDER BY id DESC")) {
                select.setInt(1, most);
                select.setInt(2, bytes);
                List<TestType> newest = new ArrayList<>();
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        newest.add(row(rows));
                    }
                }
                return newest;
            }
        }));
    }

    @Override
    public Optional<TestType> find(long id) {
        return named(() -> latest.query(connection -> select(connection, id)));
    }

    private <T> T named(Supplier<T> read) {
        return UnreadableRowFinder.named(
                TABLE, read, () -> latest.read(connection -> UnreadableRowFinder.first(connection, ROWS, List.of())));
    }

    @Override
    public Written<TestType> insert(String val) {
        return latest.write(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO public.testtype (val) VALUES (?) RETURNING id, val, mtime, pg_current_xact_id()::text")) {
                insert.setString(1, val);
                return written(insert).orElseThrow(() -> kept("the new row"));
            }
        });
    }

    @Override
    public Written<TestType> update(long id, String val, @Nullable Instant expected) {
        Optional<Written<TestType>> done =
                expected == null ? latest.write(connection -> overwrite(connection, id, val)) : Optional.empty();
        return done.orElseGet(() -> exact.write(connection -> {
            TestType current = look(connection, id, expected);
            if (current.val().equals(val)) {
                return new Written<>(current, null);
            }
            return overwrite(connection, id, val).orElseThrow(() -> kept("the row with id " + id));
        }));
    }

    @Override
    public Written<TestType> delete(long id, @Nullable Instant expected) {
        Optional<Written<TestType>> done =
                expected == null ? latest.write(connection -> remove(connection, id)) : Optional.empty();
        return done.orElseGet(() -> exact.write(connection -> {
            look(connection, id, expected);
            return remove(connection, id).orElseThrow(() -> kept("the row with id " + id));
        }));
    }

    /** Nothing if there is no such row that may be written, or if it has this value. */
    private static Optional<Written<TestType>> overwrite(Connection connection, long id, String val)
            throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE public.testtype SET val = ? WHERE id = ? AND val <> ?"
                        + " RETURNING id, val, mtime, pg_current_xact_id()::text")) {
            update.setString(1, val);
            update.setLong(2, id);
            update.setString(3, val);
            return written(update);
        }
    }

    private static Optional<Written<TestType>> remove(Connection connection, long id) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM public.testtype WHERE id = ? RETURNING id, val, mtime, pg_current_xact_id()::text")) {
            delete.setLong(1, id);
            return written(delete);
        }
    }

    /** The row as this transaction sees it. */
    private static TestType look(Connection connection, long id, @Nullable Instant expected) throws SQLException {
        TestType current = select(connection, id).orElseThrow(() -> new RepositoryException.NotFound(TABLE, id));
        if (expected != null && !expected.equals(current.mtime())) {
            throw new RepositoryException.Stale(TABLE, id, current);
        }
        return current;
    }

    private static Optional<TestType> select(Connection connection, long id) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT id, val, mtime FROM public.testtype WHERE id = ?")) {
            select.setLong(1, id);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(row(rows)) : Optional.empty();
            }
        }
    }

    private static RepositoryException tooLarge(long id, int bytes) {
        return new RepositoryException.Unreadable(
                TABLE + ": the row {\"id\" : " + id + "} cannot be read, since it has " + bytes
                        + " bytes and this process has memory for " + CopyReader.MAX_ROW_BYTES);
    }

    /** The row was visible and no other transaction changed it, and yet the statement wrote nothing. */
    private static RepositoryException kept(String what) {
        return new RepositoryException.Forbidden(TABLE + ": a policy or a trigger keeps " + what + " as it is");
    }

    private static Optional<Written<TestType>> written(PreparedStatement write) throws SQLException {
        try (ResultSet rows = write.executeQuery()) {
            return rows.next() ? Optional.of(new Written<>(row(rows), rows.getString(4))) : Optional.empty();
        }
    }

    private static TestType row(ResultSet rows) throws SQLException {
        OffsetDateTime mtime = rows.getObject(3, OffsetDateTime.class);
        return new TestType(
                rows.getLong(1),
                rows.getString(2),
                mtime.withOffsetSameInstant(ZoneOffset.UTC).toInstant());
    }
}
