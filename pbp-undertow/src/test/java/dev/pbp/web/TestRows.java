package dev.pbp.web;

import dev.pbp.core.feed.Read;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.TestType;
import dev.pbp.core.model.TestTypes;
import dev.pbp.core.model.Written;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.JdbcTestTypes;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The table {@code testtype} as a resource: one whose repository reads and writes as a role, also where there are policies. */
record TestRows(TestTypes rows) implements Resource<TestType> {
    static TestRows of(DataSource source) {
        try {
            return new TestRows(new JdbcTestTypes(source, Cursors.of(source)));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String name() {
        return "testtype";
    }

    @Override
    public Read<List<TestType>> findAll() {
        return rows.findAll();
    }

    @Override
    public Optional<TestType> find(String key) {
        return rows.find(id(key));
    }

    @Override
    public Written<TestType> insert(Fields fields) {
        return rows.insert(fields.text("val"));
    }

    @Override
    public Written<TestType> update(String key, Fields fields, Optional<String> version) {
        return rows.update(id(key), fields.text("val"), mtime(version));
    }

    @Override
    public Written<TestType> delete(String key, Optional<String> version) {
        return rows.delete(id(key), mtime(version));
    }

    private static @Nullable Instant mtime(Optional<String> version) {
        return version.map(micros -> Instant.EPOCH.plus(Long.parseLong(micros), ChronoUnit.MICROS))
                .orElse(null);
    }

    @Override
    public String key(TestType row) {
        return String.valueOf(row.id());
    }

    private static long id(String key) {
        return Fields.of(Map.of("id", key)).wholeNumber("id");
    }

    /** The time is the text that PostgreSQL writes too, so that a replica can compare it. */
    @Override
    public Map<String, ?> members(TestType row) {
        String mtime = row.mtime().toString().replaceFirst("(?:(\\.\\d*?)0+)?Z$", "$1+00:00");
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("id", row.id());
        members.put("val", row.val());
        members.put("mtime", mtime);
        return members;
    }

    @Override
    public String version(TestType row) {
        return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, row.mtime()));
    }

    @Override
    public Resource<TestType> as(Principal principal) {
        return new TestRows(rows.as(principal));
    }
}
