package dev.pbp.web;

// region docs
import dev.pbp.core.feed.Read;
import dev.pbp.core.model.Written;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The table {@code item} under {@code /api/item}. */
final class ItemResource implements Resource<Item> {
    private final Items items;

    ItemResource(Items items) {
        this.items = items;
    }

    @Override
    public String name() {
        return "item";
    }

    @Override
    public Read<List<Item>> findAll() {
        return items.findAll();
    }

    @Override
    public Optional<Item> find(long id) {
        return items.find(id);
    }

    @Override
    public Written<Item> insert(Fields fields) {
        return items.insert(fields.text("name"), pieces(fields));
    }

    @Override
    public Written<Item> update(long id, Fields fields, Optional<String> version) {
        return items.update(id, fields.text("name"), pieces(fields), version);
    }

    @Override
    public Written<Item> delete(long id, Optional<String> version) {
        return items.delete(id, version);
    }

    private static long pieces(Fields fields) {
        long pieces = fields.wholeNumber("pieces");
        if (pieces < 0) {
            throw new BadFieldException("pieces", "expected 0 or more, got " + pieces); // answered 400
        }
        return pieces;
    }

    @Override
    public long id(Item row) {
        return row.id();
    }

    @Override
    public Map<String, ?> members(Item row) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("id", row.id());
        members.put("name", row.name());
        members.put("pieces", row.pieces());
        members.put("version", row.version());
        return members;
    }

    @Override
    public String version(Item row) {
        return String.valueOf(row.version());
    }

    @Override
    public Resource<Item> as(String role) {
        return new ItemResource(items.as(role));
    }
}
// endregion docs
