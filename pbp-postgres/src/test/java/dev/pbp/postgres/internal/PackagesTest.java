package dev.pbp.postgres.internal;

import dev.pbp.testing.PackageRules;
import java.util.Map;
import java.util.Set;

/** The packages of this module: their size, and which may depend on which. No internal package knows the API. */
final class PackagesTest extends PackageRules {
    PackagesTest() {
        super(
                "dev.pbp.postgres",
                18,
                Set.of(),
                Map.of(
                        "",
                                Set.of(
                                        "internal.cursor",
                                        "internal.feed",
                                        "internal.jdbc",
                                        "internal.table",
                                        "internal.view"),
                        "consumer", Set.of("", "internal.jdbc"),
                        "internal.feed", Set.of("internal.cursor", "internal.log", "internal.view"),
                        "internal.view", Set.of(),
                        "internal.log", Set.of("internal.cursor", "internal.jdbc"),
                        "internal.cursor", Set.of(),
                        "internal.jdbc", Set.of(),
                        "internal.table", Set.of("internal.view")));
    }
}
