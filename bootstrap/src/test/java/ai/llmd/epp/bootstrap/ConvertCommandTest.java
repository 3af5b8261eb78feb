package ai.llmd.epp.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @Test
  void printsTheFileInTheNewSpelling() throws Exception {
    Path file = write("apiVersion: llm-d.ai/v1alpha1 # old\nplugins: [{type: tokenizer}]\n");

    assertThat(run("--to", "v1", file.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo("apiVersion: llm-d.ai/v1 # old\nplugins: [{type: tokenizer}]\n");
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("plugins[0].type: llm-d-router 0.11 has no tokenizer any more;");
  }

  @Test
  void takesTheFileByItsFlagToo() throws Exception {
    assertThat(run("--config-file", write("plugins: []\n").toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo("apiVersion: llm-d.ai/v1\nplugins: []\n");
  }

  @Test
  void refusesAFileThatIsNoConfiguration() throws Exception {
    assertThat(run(write("plugin: []\n").toString())).isEqualTo(1);
    assertThat(out.size()).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(":1:1: plugin: unknown field");
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThat(run()).isEqualTo(2);
    assertThat(run("--to", "v2", "f")).isEqualTo(2);
    assertThat(run("--to")).isEqualTo(2);
    assertThat(run(folder.resolve("none").toString())).isEqualTo(1);
    assertThat(out.size()).isZero();
  }

  private Path write(String text) throws Exception {
    return Files.writeString(folder.resolve("epp.yaml"), text);
  }

  private int run(String... arguments) {
    return ConvertCommand.run(
        List.of(arguments),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }
}
