package dev.pbp.notify.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RouteTableTest {
    @Test
    void behavesLikeAMapThroughRandomChanges() {
        RouteTable routes = new RouteTable();
        Map<String, Route> model = new HashMap<>();
        Random random = new Random(42);
        for (int step = 0; step < 200_000; step++) {
            String name = "channel-" + random.nextInt(400);
            byte[] padded = ("xx" + name + "y").getBytes(StandardCharsets.UTF_8);
            Route found = routes.find(padded, 2, padded.length - 3);
            assertThat(found).isSameAs(model.get(name));
            if (random.nextBoolean()) {
                Route added = routes.findOrAdd(name, name.getBytes(StandardCharsets.UTF_8));
                assertThat(found == null || found == added).isTrue();
                model.put(name, added);
            } else if (found != null) {
                routes.remove(found);
                model.remove(name);
            }
            assertThat(routes.size()).isEqualTo(model.size());
        }
        Set<Route> walked = new HashSet<>();
        routes.forEach(walked::add);
        assertThat(walked).isEqualTo(new HashSet<>(model.values()));
    }
}
