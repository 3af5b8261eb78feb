package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.application.port.out.PromptTokenizer.Asked;
import ai.llmd.epp.application.port.out.PromptTokenizer.Tokens;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.benchmark.InventedModel;
import ai.llmd.epp.domain.request.ApiKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What it costs to find the tokens of chats by the model's own files. */
public class TokenizingBenchmark {

  private TokenizingBenchmark() {}

  /** The model's files, for as long as a benchmark runs, and their tokenizer. */
  private static final class Model implements AutoCloseable {

    private static final LocalDateTime NOW = LocalDateTime.of(2026, 11, 30, 12, 0);

    private final InventedModel invented = new InventedModel();
    private final Path folder;
    private final LocalTokenizer tokenizer;

    Model(long maxKeptBytes) {
      try {
        folder = Files.createTempDirectory("model");
        invented.write(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      var settings =
          new PromptTokenizers.Local(
              folder.toString(), "", "auto", Duration.ofMinutes(1), 1, maxKeptBytes, 7);
      tokenizer = new LocalTokenizer(settings, body -> body, body -> body, () -> NOW);
    }

    String text(int chars, Random random) {
      return invented.text(chars, random);
    }

    List<Tokens> tokenize(byte[] chat) throws InterruptedException {
      return tokenizer.tokenize(new Asked(ApiKind.CHAT_COMPLETIONS, "m", "m", chat, ""));
    }

    ChatRenderer renderer() {
      return new ChatRenderer(ModelFiles.find(folder.toString(), "", () -> NOW), "auto");
    }

    @Override
    public void close() throws IOException {
      tokenizer.close();
      Files.delete(folder.resolve("tokenizer.json"));
      Files.delete(folder.resolve("chat_template.jinja"));
      Files.delete(folder);
    }
  }

  private static void addMessage(StringBuilder body, String role, String content) {
    body.append(body.isEmpty() ? "{\"model\":\"m\",\"messages\":[" : ",")
        .append("{\"role\":\"")
        .append(role)
        .append("\",\"content\":\"")
        .append(content.replace("\n", "\\n"))
        .append("\"}");
  }

  /** A chat of two messages of which nothing is known. */
  @State(Scope.Benchmark)
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public static class Fresh {

    @Param({"2600", "40000"})
    public int bytes;

    private final Model model = new Model(0);
    private byte[] body = {};

    @Setup
    public void write() {
      Random random = new Random(5);
      StringBuilder chat = new StringBuilder();
      addMessage(chat, "system", model.text(bytes * 2 / 3, random));
      addMessage(chat, "user", model.text(bytes / 3, random));
      body = chat.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    @Benchmark
    public List<Tokens> tokenize() throws InterruptedException {
      return model.tokenize(body);
    }

    @TearDown
    public void close() throws IOException {
      model.close();
    }
  }

  /** A conversation of 60 messages and 122 KB, and a last one of 2 KB that is new each time. */
  @State(Scope.Benchmark)
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public static class GoingOn {

    private static final int MESSAGES = 60;
    private static final int MESSAGE_BYTES = 2_000;
    private static final int DIGITS = 10;

    private final Model model = new Model(64 << 20);
    private final ChatRenderer renderer = model.renderer();
    private final byte[] body;
    private final int numberAt;
    private int number;

    public GoingOn() {
      Random random = new Random(5);
      StringBuilder chat = new StringBuilder();
      for (int i = 0; i < MESSAGES; i++) {
        addMessage(chat, i % 2 == 0 ? "user" : "assistant", model.text(MESSAGE_BYTES, random));
      }
      addMessage(chat, "user", "0".repeat(DIGITS) + model.text(MESSAGE_BYTES, random));
      numberAt = chat.lastIndexOf("0".repeat(DIGITS));
      body = chat.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Only the last message has to be tokenized. */
    @Benchmark
    public List<Tokens> tokenizeTheNextTurn() throws InterruptedException {
      int rest = ++number;
      for (int i = DIGITS - 1; i >= 0; i--) {
        body[numberAt + i] = (byte) ('0' + rest % 10);
        rest /= 10;
      }
      return model.tokenize(body);
    }

    /** Its body read as JSON and rendered by the template. */
    @Benchmark
    public String render() {
      return renderer.render(JsonValues.readObject(body));
    }

    @TearDown
    public void close() throws IOException {
      model.close();
    }
  }
}
