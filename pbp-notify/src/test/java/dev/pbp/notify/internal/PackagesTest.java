package dev.pbp.notify.internal;

import dev.pbp.testing.PackageRules;
import java.util.Map;
import java.util.Set;

/** The packages of this module: their size, and which may depend on which. No internal package knows an entry point. */
final class PackagesTest extends PackageRules {
    PackagesTest() {
        super(
                "dev.pbp.notify",
                26,
                Set.of(
                        "NotificationHub",
                        "HubBuilder",
                        "InMemoryHub",
                        "NotificationSource",
                        "NotificationAwaiter",
                        "TopicSource",
                        "Notifications",
                        "Publisher",
                        "PublisherBuilder"),
                Map.of(
                        ENTRY_POINTS,
                        Set.of(
                                "",
                                "internal.hub",
                                "internal.publisher",
                                "internal.delivery",
                                "internal.connection",
                                "internal.socket",
                                "internal.payload"),
                        "",
                        Set.of("internal.payload"),
                        "internal.socket",
                        Set.of(),
                        "internal.payload",
                        Set.of(),
                        "internal.connection",
                        Set.of("internal.socket"),
                        "internal.delivery",
                        Set.of(""),
                        "internal.publisher",
                        Set.of(""),
                        "internal.hub",
                        Set.of("", "internal.delivery", "internal.connection", "internal.socket", "internal.payload")));
    }
}
