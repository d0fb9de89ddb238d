package dev.pbp.examples.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DurableConsumerDocTest {
    @Test
    void theJavaInTheDocumentIsWhatIsCompiledHere() throws IOException {
        String document = Files.readString(Path.of("../../docs/how-to/durable-consumer.md"));
        String block = document.split("```java\n", 2)[1].split("```", 2)[0].strip();
        assertThat(block).endsWith(".start();");
        String program = Files.readString(Path.of("src/main/java/dev/pbp/examples/audit/AuditTrail.java"));
        assertThat(withoutIndent(program)).contains(withoutIndent(block.substring(0, block.length() - 1)));
    }

    private static String withoutIndent(String code) {
        return code.replaceAll("\n *", "\n");
    }
}
