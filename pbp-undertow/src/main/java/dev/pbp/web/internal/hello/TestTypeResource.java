package dev.pbp.web.internal.hello;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Read;
import dev.pbp.core.model.TestType;
import dev.pbp.core.model.TestTypes;
import dev.pbp.core.model.Written;
import dev.pbp.web.Fields;
import dev.pbp.web.Resource;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The example's table over REST. */
final class TestTypeResource implements Resource<TestType> {
    private final TestTypes rows;

    TestTypeResource(TestTypes rows) {
        this.rows = rows;
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
    public void read(Consumer<Supplier<Cursor>> begin, Consumer<TestType> each) {
        rows.read(begin, each);
    }

    @Override
    public Optional<TestType> find(long id) {
        return rows.find(id);
    }

    @Override
    public Written<TestType> insert(Fields fields) {
        return rows.insert(fields.text("val"));
    }

    @Override
    public Written<TestType> update(long id, Fields fields, Optional<String> version) {
        return rows.update(id, fields.text("val"), instant(version));
    }

    @Override
    public Written<TestType> delete(long id, Optional<String> version) {
        return rows.delete(id, instant(version));
    }

    @org.jspecify.annotations.Nullable
    private static Instant instant(Optional<String> version) {
        return version.map(TestTypeJson::instant).orElse(null);
    }

    @Override
    public long id(TestType row) {
        return row.id();
    }

    @Override
    public Map<String, ?> members(TestType row) {
        return TestTypeJson.members(row);
    }

    @Override
    public String version(TestType row) {
        return TestTypeJson.version(row);
    }

    @Override
    public Resource<TestType> as(String role) {
        return new TestTypeResource(rows.as(role));
    }
}
