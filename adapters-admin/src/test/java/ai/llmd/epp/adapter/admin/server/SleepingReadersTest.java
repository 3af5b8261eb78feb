package ai.llmd.epp.adapter.admin.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.admin.AdminPage;
import ai.llmd.epp.adapter.admin.TestAuthority;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readers that do not ask, do not read, or never end, over real sockets: others are served. */
class SleepingReadersTest {

  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final int PAGE_BYTES = 1 << 20;

  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicInteger making = new AtomicInteger();
  private final AtomicInteger mostMaking = new AtomicInteger();
  private final CountDownLatch mayBeMade = new CountDownLatch(1);
  private final List<Reader> readers = new ArrayList<>();
  private @Nullable AdminServer server;

  @AfterEach
  void close() throws IOException {
    mayBeMade.countDown();
    for (Reader reader : readers) {
      reader.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private AdminServer serve(Limits limits, @Nullable AdminTls tls) throws IOException {
    AdminServer admin =
        AdminServer.start(
            new AdminServer.Settings("127.0.0.1", 0, tls, null, Set.of()),
            Map.of(
                "/small", request -> AdminPage.Answer.text(200, "up 1\n"),
                "/page", request -> AdminPage.Answer.text(200, "x".repeat(PAGE_BYTES)),
                "/slow", request -> made(),
                "/pausing", request -> stream(this::pausing),
                "/stream", request -> stream(SleepingReadersTest::withoutEnd)),
            limits);
    server = admin;
    return admin;
  }

  private AdminPage.Answer made() {
    mostMaking.accumulateAndGet(making.incrementAndGet(), Math::max);
    try {
      mayBeMade.await();
      return AdminPage.Answer.text(200, "made\n");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      making.decrementAndGet();
    }
  }

  /** What a stream writes. */
  private interface Frames {
    void writeTo(OutputStream out) throws IOException;
  }

  private AdminPage.Answer stream(Frames frames) {
    streams.incrementAndGet();
    return new AdminPage.Answer(
        200,
        Map.of(),
        new byte[0],
        new AdminPage.Stream() {
          @Override
          public void writeTo(OutputStream out) throws IOException {
            frames.writeTo(out);
          }

          @Override
          public void close() {
            streams.decrementAndGet();
          }
        });
  }

  private static void withoutEnd(OutputStream out) throws IOException {
    byte[] frame = new byte[10_000];
    while (!Thread.currentThread().isInterrupted()) {
      out.write(frame);
    }
  }

  private void pausing(OutputStream out) throws IOException {
    out.write('1');
    made();
    out.write('2');
  }

  private Reader reader(AdminServer admin) throws IOException {
    Reader reader = Reader.connect(admin.port());
    readers.add(reader);
    return reader;
  }

  private static void assertServes(AdminServer admin) throws IOException {
    try (Reader reader = Reader.connect(admin.port())) {
      assertThat(reader.send("GET /small HTTP/1.0\r\n\r\n").readAll())
          .startsWith("HTTP/1.1 200 OK\r\n")
          .endsWith("\r\n\r\nup 1\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/page", "/stream"})
  void whoTakesNothingIsClosed(String path) throws Exception {
    AdminServer admin = serve(new Limits(64, 64 << 20, LONG, SHORT), null);
    for (int i = 0; i < 10; i++) {
      reader(admin).ask(path);
    }

    await().until(() -> admin.connections() == 0);
    assertThat(admin.answerBytes()).isZero();
    assertThat(streams).hasValue(0);
    assertServes(admin);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET /small HTTP/1.1\r\nHost: e", "\r\n\r\n\r\n"})
  void whoDoesNotAskIsClosed(String beginning) throws Exception {
    AdminServer admin = serve(new Limits(64, 64 << 20, SHORT, LONG), null);
    Reader reader = reader(admin).send(beginning);

    assertThat(reader.readAll()).isEmpty();
    await().until(() -> admin.connections() == 0);
  }

  @Test
  void whoComesLastTakesThePlaceOfTheOneThatSleepsLongest() throws Exception {
    AdminServer admin = serve(new Limits(16, 1L << 40, LONG, LONG), null);
    for (int i = 0; i < 300; i++) {
      reader(admin).ask(i % 2 == 0 ? "/page" : "/stream");
    }

    assertServes(admin);
    readers.getFirst().awaitEnd();
    await().until(() -> admin.connections() <= 16);
  }

  @Test
  void bodiesThatWaitForTheirReadersAreBounded() throws Exception {
    AdminServer admin = serve(new Limits(64, 4 * PAGE_BYTES, LONG, LONG), null);
    for (int i = 0; i < 40; i++) {
      reader(admin).ask("/page");
      assertThat(admin.answerBytes()).isLessThanOrEqualTo(4 * PAGE_BYTES);
    }

    await().until(() -> admin.connections() == 4);
    assertThat(admin.answerBytes()).isEqualTo(4 * PAGE_BYTES);
    try (Reader awake = Reader.connect(admin.port())) {
      String answer = awake.send("GET /page HTTP/1.0\r\n\r\n").readAll();
      assertThat(answer).endsWith("\r\n\r\n" + "x".repeat(PAGE_BYTES));
    }
  }

  @Test
  void aBodyLargerThanAllMayBeIsSentAlone() throws Exception {
    AdminServer admin = serve(new Limits(64, 10, LONG, LONG), null);
    try (Reader awake = Reader.connect(admin.port())) {
      assertThat(awake.send("GET /page HTTP/1.0\r\n\r\n").readAll()).hasSizeGreaterThan(PAGE_BYTES);
    }
  }

  @Test
  void aProbeEndsNoDownload() throws Exception {
    AdminServer admin = serve(new Limits(64, PAGE_BYTES / 2, LONG, LONG), null);
    Reader download = reader(admin).send("GET /page HTTP/1.0\r\n\r\n");
    await().until(() -> admin.answerBytes() == PAGE_BYTES);

    assertServes(admin);
    assertThat(download.readAll()).hasSizeGreaterThan(PAGE_BYTES);
  }

  /** The body is made, whatever is sent of it. */
  @Test
  void bodiesOfWhichOnlyTheHeadIsAskedForAreCounted() throws Exception {
    AdminServer admin = serve(new Limits(64, 64 << 20, LONG, LONG), null);
    reader(admin).send("HEAD /page HTTP/1.1\r\nHost: epp\r\n\r\n".repeat(4_000));

    await().until(() -> admin.answerBytes() == PAGE_BYTES);
    assertServes(admin);
  }

  @Test
  void whoWaitsForItsPageStaysWhileOthersSleep() throws Exception {
    AdminServer admin = serve(new Limits(4, 64 << 20, LONG, LONG), null);
    Reader waiting = reader(admin).send("GET /slow HTTP/1.0\r\n\r\n");
    await().until(() -> making.get() == 1);
    for (int i = 0; i < 40; i++) {
      assertServes(admin);
      reader(admin);
    }
    mayBeMade.countDown();

    assertThat(waiting.readAll()).endsWith("made\n");
  }

  @Test
  void aStreamMayBeQuietForLongerThanAReaderMay() throws Exception {
    AdminServer admin = serve(new Limits(64, 64 << 20, SHORT, SHORT), null);
    Reader waiting = reader(admin).send("GET /pausing HTTP/1.0\r\n\r\n");
    await().until(() -> making.get() == 1);
    reader(admin).awaitEnd(); // it has not asked in time, so that time is over
    mayBeMade.countDown();

    assertThat(waiting.readAll()).endsWith("\r\n\r\n12");
  }

  /** A stream that was broken off was never counted out: after some hundred the port was shut. */
  @Test
  void streamsThatAreBrokenOffLeaveNoConnectionBehind() throws Exception {
    AdminServer admin = serve(new Limits(4, 64 << 20, LONG, SHORT), null);
    for (int i = 0; i < 12; i++) {
      try (Reader reader = Reader.connect(admin.port())) {
        reader.ask("/stream").read(1000);
      }
    }

    await().until(() -> admin.connections() == 0 && streams.get() == 0);
    assertServes(admin);
  }

  @Test
  void requestsInARowAreAnsweredInTheirOrder() throws Exception {
    AdminServer admin = serve(new Limits(64, 64 << 20, LONG, LONG), null);
    Reader reader = reader(admin).ask("/small").ask("/nothing").send("GET /small HTTP/1.0\r\n\r\n");

    assertThat(reader.readAll()).containsSubsequence(" 200 OK", "up 1", " 404 ", " 200 OK", "up 1");
  }

  @Test
  void ofRequestsWithoutEndTheAnswersAreNotKept() throws Exception {
    AdminServer admin = serve(new Limits(64, 64 << 20, LONG, SHORT), null);
    String many = "GET /small HTTP/1.1\r\nHost: epp\r\n\r\n".repeat(1000);
    Reader reader = reader(admin);

    assertThatThrownBy(
            () -> {
              while (true) {
                reader.send(many);
              }
            })
        .isInstanceOf(IOException.class);
    await().until(() -> admin.connections() == 0);
  }

  @Test
  void onePageIsMadeOnceAtATimeAndThoseGivenUpDoNotWaitForIt() throws Exception {
    AdminServer admin = serve(new Limits(4, 64 << 20, LONG, LONG), null);
    for (int i = 0; i < 40; i++) {
      reader(admin).ask("/slow");
    }
    await().until(() -> making.get() == 1);
    assertServes(admin);
    Reader last = reader(admin).send("GET /slow HTTP/1.0\r\n\r\n");
    mayBeMade.countDown();

    assertThat(last.readAll()).endsWith("made\n");
    assertThat(mostMaking).hasValue(1);
  }

  @Test
  void aServerThatStopsDoesNotWaitForSleepers() throws Exception {
    AdminServer admin = serve(new Limits(64, 64 << 20, LONG, LONG), null);
    reader(admin).ask("/page");
    reader(admin).ask("/stream");
    reader(admin);
    await().until(() -> streams.get() == 1 && admin.answerBytes() > 0);

    admin.close();

    assertThat(streams).hasValue(0);
    assertThat(admin.connections()).isZero();
  }

  /** Under TLS, one that did not take the word of the end kept all others waiting. */
  @Test
  void sleepersUnderTlsKeepNobodyWaiting(@TempDir Path folder) throws Exception {
    TestAuthority authority = new TestAuthority();
    TestAuthority.write(authority.issue("epp"), folder);
    AdminServer admin = serve(new Limits(64, 64 << 20, LONG, SHORT), new AdminTls(folder, null));
    String leaving = "GET /small HTTP/1.1\r\nConnection: close\r\n\r\n";
    for (int i = 0; i < 8; i++) {
      Reader sleeper = Reader.connect(admin.port(), authority.client(null));
      readers.add(sleeper);
      sleeper.ask("/page").send(leaving);
    }

    try (Reader awake = Reader.connect(admin.port(), authority.client(null))) {
      assertThat(awake.send(leaving).readAll()).endsWith("up 1\n");
    }
    await().until(() -> admin.connections() == 0);
  }
}
