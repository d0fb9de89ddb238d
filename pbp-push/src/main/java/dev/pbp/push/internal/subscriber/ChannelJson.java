package dev.pbp.push.internal.subscriber;

import dev.pbp.core.channel.ChannelEvent;
import dev.pbp.push.http.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event of a channel as JSON. */
final class ChannelJson {
    private ChannelJson() {}

    static String of(ChannelEvent event) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("channel", event.channel());
        if (event instanceof ChannelEvent.Notification heard) {
            members.put("payload", heard.payload());
            members.put("at", heard.at().toString());
            return Json.write(members);
        }
        ChannelEvent.Gap gap = (ChannelEvent.Gap) event;
        members.put("reason", gap.reason());
        members.put("since", gap.since().toString());
        members.put("atLeast", gap.atLeast().isPresent() ? gap.atLeast().getAsLong() : null);
        return Json.write(Map.of("gap", members));
    }
}
