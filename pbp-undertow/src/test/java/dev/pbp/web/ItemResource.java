package dev.pbp.web;

// region docs
import dev.pbp.core.feed.Read;
import dev.pbp.core.model.Written;
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
    public Optional<Item> find(String sku) {
        return items.find(sku);
    }

    @Override
    public Written<Item> insert(Fields fields) {
        return items.insert(fields.text("sku"), pieces(fields));
    }

    @Override
    public Written<Item> update(String sku, Fields fields, Optional<String> version) {
        return items.update(sku, pieces(fields), version);
    }

    @Override
    public Written<Item> delete(String sku, Optional<String> version) {
        return items.delete(sku, version);
    }

    private static long pieces(Fields fields) {
        long pieces = fields.wholeNumber("pieces");
        if (pieces % 10 != 0) {
            throw new BadFieldException("pieces", "expected a multiple of ten, got " + pieces); // answered 400
        }
        return pieces;
    }

    @Override
    public String key(Item row) {
        return row.sku();
    }

    @Override
    public String version(Item row) {
        return String.valueOf(row.version());
    }

    @Override
    public Map<String, ?> members(Item row) {
        return Map.of("sku", row.sku(), "pieces", row.pieces(), "version", row.version());
    }
}
// endregion docs
