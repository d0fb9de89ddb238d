package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class MessageTest {

    @Test
    void aChannelNameHasOneTo63Bytes() {
        assertThat(Message.of("x".repeat(63), "").channel()).hasSize(63);
        assertThat(Message.of("Größe \"a'b\\", "").channel()).isEqualTo("Größe \"a'b\\");
        assertThatThrownBy(() -> Message.of("", "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("channel: the name is empty");
        assertThatThrownBy(() -> Message.of("é".repeat(32), "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("channel \"" + "é".repeat(32)
                        + "\": the name has 64 bytes in UTF-8, and at most 63 are possible");
    }

    @Test
    void nulIsRefusedInNamesAndText() {
        assertThatThrownBy(() -> Message.of("a\0b", "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("channel name \"a␀b\": character 2 of 3 is NUL, which PostgreSQL cannot carry in text");
        assertThatThrownBy(() -> Message.of("a", "x\0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("payload \"x␀\": character 2 of 2 is NUL, which PostgreSQL cannot carry in text");
        assertThat(Message.of("a", Payload.of(new byte[] {0})).texts(10)).hasSize(1);
    }

    @Test
    void halfASurrogatePairIsRefusedSinceItWouldArriveAsAQuestionMark() {
        assertThat(Payload.of("\uD83D\uDE00").text()).isEqualTo("😀");
        for (String half : new String[] {"a\uD83D", "a\uDE00b", "a\uD83Db"}) {
            assertThatThrownBy(() -> Payload.of(half))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("character 2 of " + half.length() + " is half a surrogate pair");
        }
    }

    @Test
    void aTopicNameHasOneTo1024BytesWithoutLineFeed() {
        Topics topics = Topics.standard();
        assertThat(topics.topic("x".repeat(1_024)).name()).hasSize(1_024);
        assertThatThrownBy(() -> topics.topic("")).hasMessage("topic: the name is empty");
        assertThatThrownBy(() -> topics.topic("é".repeat(513)))
                .hasMessageEndingWith("…\": the name has 1026 bytes in UTF-8, and at most 1024 are possible");
        assertThatThrownBy(() -> topics.topic("a\0")).hasMessageContaining("is NUL");
        assertThatThrownBy(() -> topics.topic("a\nb"))
                .hasMessage("topic: character 2 of 3 of its name is a line feed, which ends the name on its way");
        assertThatThrownBy(() -> Topics.over("p", 0)).hasMessage("topics: 0 channels; 1 to 256 are possible");
        assertThatThrownBy(() -> Topics.over("p".repeat(61), 256)).hasMessageContaining("64 bytes");
    }

    @Test
    void binaryIsNotReadAsText() {
        assertThatThrownBy(() -> Payload.of(new byte[12]).text())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("payload of 12 bytes is not text: read it with bytes()");
        assertThat(Payload.of("é").bytes()).containsExactly(0xC3, 0xA9);
    }
}
