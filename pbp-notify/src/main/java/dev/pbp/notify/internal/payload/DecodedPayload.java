package dev.pbp.notify.internal.payload;

import java.util.Base64;

/**
 * A payload without the marks with which it travelled.
 *
 * @param text the text, or the base64 of the bytes
 * @param binary whether it is bytes
 */
public record DecodedPayload(String text, boolean binary) {
    static DecodedPayload of(String text) {
        return new DecodedPayload(text, false);
    }

    static DecodedPayload of(byte[] bytes) {
        return new DecodedPayload(Base64.getEncoder().encodeToString(bytes), true);
    }
}
