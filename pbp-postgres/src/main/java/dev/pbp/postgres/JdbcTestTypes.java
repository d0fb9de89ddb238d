package dev.pbp.postgres;

import dev.pbp.core.feed.Read;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.TestType;
import dev.pbp.core.model.TestTypes;
import dev.pbp.core.model.Written;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** {@link TestTypes} over JDBC. */
public final class JdbcTestTypes implements TestTypes {
    private static final String TABLE = "testtype"; // as readers see it; statements name the schema, since search_path
    // begins with the schema that is called like the role

    private final Transactions transactions;
    private final Cursors cursors;

    /**
     * Keeps what it works with.
     *
     * @param source gives connections to a database in which {@link Schema#HELLO_WORLD} is installed
     * @param cursors of the same database
     */
    public JdbcTestTypes(DataSource source, Cursors cursors) {
        this(new Transactions(source, TABLE), cursors);
    }

    private JdbcTestTypes(Transactions transactions, Cursors cursors) {
        this.transactions = transactions;
        this.cursors = cursors;
    }

    @Override
    public TestTypes as(String role) {
        return new JdbcTestTypes(transactions.as(role), cursors);
    }

    @Override
    public Read<List<TestType>> findAll() {
        // One statement sees one snapshot; the left join gives it also where the table is empty.
        return transactions.run(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                            "SELECT t.id, t.val, t.mtime, s.snapshot FROM (SELECT pg_current_snapshot()::text AS snapshot) s"
                                    + " LEFT JOIN public.testtype t ON true ORDER BY t.id");
                    ResultSet rows = select.executeQuery()) {
                List<TestType> all = new ArrayList<>();
                String snapshot = "";
                while (rows.next()) {
                    snapshot = rows.getString(4);
                    if (rows.getObject(1) != null) {
                        all.add(row(rows));
                    }
                }
                return new Read<>(all, cursors.at(snapshot));
            }
        });
    }

    @Override
    public Optional<TestType> find(long id) {
        return transactions.run(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT id, val, mtime FROM public.testtype WHERE id = ?")) {
                select.setLong(1, id);
                return first(select);
            }
        });
    }

    @Override
    public Written<TestType> insert(String val) {
        return transactions.run(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO public.testtype (val) VALUES (?) RETURNING id, val, mtime, pg_current_xact_id()::text")) {
                insert.setString(1, val);
                return written(insert);
            }
        });
    }

    @Override
    public Written<TestType> update(long id, String val, @Nullable Instant expected) {
        return transactions.runAtomically(connection -> {
            TestType current = lock(connection, id, expected);
            if (current.val().equals(val)) {
                return new Written<>(current, null);
            }
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE public.testtype SET val = ? WHERE id = ? RETURNING id, val, mtime, pg_current_xact_id()::text")) {
                update.setString(1, val);
                update.setLong(2, id);
                return written(update);
            }
        });
    }

    @Override
    public Written<TestType> delete(long id, @Nullable Instant expected) {
        return transactions.runAtomically(connection -> {
            lock(connection, id, expected);
            try (PreparedStatement delete = connection.prepareStatement(
                    "DELETE FROM public.testtype WHERE id = ? RETURNING id, val, mtime, pg_current_xact_id()::text")) {
                delete.setLong(1, id);
                return written(delete);
            }
        });
    }

    private static TestType lock(Connection connection, long id, @Nullable Instant expected) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT id, val, mtime FROM public.testtype WHERE id = ? FOR UPDATE")) {
            select.setLong(1, id);
            TestType current = first(select).orElseThrow(() -> new RepositoryException.NotFound(TABLE, id));
            if (expected != null && !expected.equals(current.mtime())) {
                throw new RepositoryException.Stale(TABLE, id, current);
            }
            return current;
        }
    }

    private static Optional<TestType> first(PreparedStatement select) throws SQLException {
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? Optional.of(row(rows)) : Optional.empty();
        }
    }

    private static Written<TestType> written(PreparedStatement write) throws SQLException {
        try (ResultSet rows = write.executeQuery()) {
            rows.next();
            return new Written<>(row(rows), rows.getString(4));
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
