package dev.pbp.core;

import dev.pbp.testing.PackageRules;
import java.util.Map;
import java.util.Set;

/** The packages of this module: their size, and which may depend on which. */
final class PackagesTest extends PackageRules {
    PackagesTest() {
        super(
                "dev.pbp.core",
                28,
                Set.of(),
                Map.of("model", Set.of("feed"), "feed", Set.of(), "channel", Set.of(), "internal", Set.of("feed")));
    }
}
