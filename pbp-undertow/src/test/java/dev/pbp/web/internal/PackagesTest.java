package dev.pbp.web.internal;

import dev.pbp.testing.PackageRules;
import java.util.Map;
import java.util.Set;

/** The packages of this module: their size, and which may depend on which. */
final class PackagesTest extends PackageRules {
    /** No package depends on {@code hello} or {@code legacy}: each can be removed. */
    PackagesTest() {
        super(
                "dev.pbp.web",
                12,
                Set.of("Site", "SiteBuilder"),
                Map.of(
                        ENTRY_POINTS,
                        Set.of(
                                "",
                                "internal.http",
                                "internal.push",
                                "internal.tables",
                                "internal.assembly",
                                "internal.legacy",
                                "internal.hello"),
                        "",
                        Set.of(),
                        "internal.http",
                        Set.of(""),
                        "internal.push",
                        Set.of("internal.http"),
                        "internal.tables",
                        Set.of("", "internal.http"),
                        "internal.assembly",
                        Set.of("", "internal.http", "internal.tables"),
                        "internal.legacy",
                        Set.of("internal.http", "internal.push", "internal.tables", "internal.assembly"),
                        "internal.hello",
                        Set.of("", "internal.http", "internal.assembly")));
    }

    @Override
    protected Set<String> removable() {
        return Set.of("internal.hello", "internal.legacy");
    }
}
