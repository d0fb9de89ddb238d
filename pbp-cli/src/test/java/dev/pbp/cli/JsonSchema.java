package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One of the documented schemas of {@code --json}. */
final class JsonSchema {
    private final Schema schema;

    private JsonSchema(Schema schema) {
        this.schema = schema;
    }

    static Path folder() {
        return CliProcess.projectRoot().resolve("docs/schema");
    }

    static JsonSchema of(String name) throws IOException {
        return new JsonSchema(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(folder().resolve(name + ".json"))));
    }

    List<Error> errors(String json) {
        return schema.validate(
                json,
                InputFormat.JSON,
                context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
    }

    /** Each line is an object of this schema. */
    void requireLines(String output) {
        assertThat(output).endsWith("\n");
        output.lines().forEach(line -> assertThat(errors(line)).as(line).isEmpty());
    }
}
