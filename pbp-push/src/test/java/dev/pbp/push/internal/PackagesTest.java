package dev.pbp.push.internal;

import dev.pbp.testing.PackageRules;
import java.util.Map;
import java.util.Set;

/** The packages of this module: their size, and which may depend on which. */
final class PackagesTest extends PackageRules {
    PackagesTest() {
        super(
                "dev.pbp.push",
                21,
                Set.of(),
                Map.of(
                        "http", Set.of(),
                        "connection", Set.of("http"),
                        "timer", Set.of(),
                        "access", Set.of("http", "connection"),
                        "internal.subscriber", Set.of("http", "connection", "timer", "access"),
                        "", Set.of("http", "connection", "timer", "access", "internal.subscriber")));
    }
}
