package dev.pbp.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrincipalTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"role", "search_path", "session_authorization", "", ".a", "a.", "a b.c", "app.\"x\"", "1.a"})
    void takesCustomizedOptionsOnly(String name) {
        assertThatThrownBy(() -> new Principal("clerk", Map.of(name, "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + name + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "none"})
    void hasARoleThatCanBe(String role) {
        assertThatThrownBy(() -> Principal.of(role)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isBounded() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i <= Principal.MAX_SETTINGS; i++) {
            many.put("app.s" + i, "");
        }
        assertThatThrownBy(() -> new Principal(null, many)).hasMessageContaining("got 33");
        String longest = "x".repeat(Principal.MAX_LENGTH - 5);
        assertThat(new Principal(null, Map.of("app.x", longest)).settings()).hasSize(1);
        assertThatThrownBy(() -> new Principal(null, Map.of("app.x", longest + "x")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Principal(null, Map.of("app.x", "a\0b"))).hasMessageContaining("character 0");
    }

    @Test
    void doesNotShowItsSettings() {
        Principal ann = new Principal("ann", Map.of("request.jwt.claims", "{\"email\":\"ann@example.org\"}"));
        assertThat(ann).hasToString("role \"ann\"");
        assertThat(ann).isNotEqualTo(Principal.of("ann"));
        assertThat(Principal.of(null)).isEqualTo(Principal.APPLICATION);
    }
}
