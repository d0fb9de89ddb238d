package dev.pbp.notify;

// @start region="codec"
import tools.jackson.databind.json.JsonMapper;

record JsonCodec<T>(JsonMapper json, Class<T> type) implements Codec<T> {
    @Override
    public Payload encode(T value) {
        return Payload.of(json.writeValueAsString(value));
    }

    @Override
    public T decode(Payload payload) {
        return json.readValue(payload.text(), type);
    }
}
// @end
