package dev.pbp.web.internal.hello;

import dev.pbp.core.model.TestType;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.LinkedHashMap;
import java.util.Map;

/** A row as JSON, letter for letter as the change feed shows it, so that a client can compare the two. */
final class TestTypeJson {
    /** PostgreSQL's form in JSON: microseconds without trailing zeros, and the offset as {@code +00:00}. */
    private static final DateTimeFormatter MTIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .appendLiteral("+00:00")
            .toFormatter(java.util.Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private TestTypeJson() {}

    static Map<String, Object> members(TestType row) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("id", row.id());
        members.put("val", row.val());
        members.put("mtime", MTIME.format(row.mtime()));
        return members;
    }

    /** The row's version: its mtime in microseconds. */
    static String version(TestType row) {
        Instant mtime = row.mtime();
        return Long.toString(mtime.getEpochSecond() * 1_000_000 + mtime.getNano() / 1_000);
    }

    /** The time that a version stands for. */
    static Instant instant(String version) {
        long micros = Long.parseLong(version);
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1_000L);
    }
}
