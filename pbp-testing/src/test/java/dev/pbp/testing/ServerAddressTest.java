package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerAddressTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://me:p%40ss@db:5433/here?sslmode=require",
                "postgresql://me:p%40ss@db:5433/here?sslmode=require",
                "jdbc:postgresql://db:5433/here?user=me&password=p%40ss&sslmode=require"
            })
    void readsBothForms(String url) {
        ServerAddress address = ServerAddress.parse(url);
        assertThat(address.user()).isEqualTo("me");
        assertThat(address.password()).isEqualTo("p@ss");
        assertThat(address.port()).isEqualTo(5433);
        assertThat(address.jdbcUrl())
                .isEqualTo("jdbc:postgresql://db:5433/here?user=me&password=p%40ss&sslmode=require");
        assertThat(address.libpqUrl()).isEqualTo("postgresql://me:p%40ss@db:5433/here?sslmode=require");
    }

    @Test
    void saysWhatItExpects() {
        assertThatThrownBy(() -> ServerAddress.parse("mysql://x"))
                .hasMessage("PBP_TEST_URL: expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
                        + " or its jdbc: form, got mysql://x");
    }
}
