package ai.llmd.epp.adapter.admin.server;

import ai.llmd.epp.adapter.admin.AdminPage;
import ai.llmd.epp.domain.calls.NonFatal;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a reader: a request and its answer, one after the other, on a thread of its
 * own. It is given up when it does not ask, or does not take a piece of its answer, in time; making
 * an answer, or the next piece of one, takes as long as it takes.
 */
final class ReaderConnection implements Runnable, ReaderOutput.Pacing {

  private static final Logger log = LoggerFactory.getLogger(ReaderConnection.class);

  /** To read what came beside its request: if the connection closed at once, the answer is lost. */
  private static final Duration LEAVE_WITHIN = Duration.ofSeconds(2);

  /** What all connections share. */
  record Host(
      PageAnswers answers,
      OpenConnections connections,
      AnswerMemory memory,
      AdminTls.@Nullable Opened tls,
      Limits limits) {}

  private final Socket socket; // the plain one: closing it ends every wait
  private final Host host;
  private volatile @Nullable Thread worker;
  private volatile boolean isAwaitingReader;
  private volatile long overAtNanos; // while it is awaiting its reader

  ReaderConnection(Socket socket, Host host) {
    this.socket = socket;
    this.host = host;
    within(host.limits().askWithin());
  }

  @Override
  public void run() {
    worker = Thread.currentThread();
    try (socket) {
      talk(secured());
    } catch (IOException | InterruptedException e) {
      log.atDebug().setCause(e).log("reader of the admin port left");
    } catch (Throwable thrown) {
      RuntimeException failure = NonFatal.orThrow(thrown);
      log.atError().setCause(NonFatal.origin(failure)).log("connection of the admin port failed");
    } finally {
      host.connections().remove(this);
    }
  }

  private Socket secured() throws IOException {
    AdminTls.Opened tls = host.tls();
    return tls == null ? socket : tls.handshake(socket);
  }

  private void talk(Socket talking) throws IOException, InterruptedException {
    OutputStream out = talking.getOutputStream();
    RequestReader requests = new RequestReader(talking.getInputStream());
    boolean goesOn = true;
    while (goesOn) {
      goesOn = answerNext(requests, out);
    }
    leave(talking, requests);
  }

  /** Returns whether another request may follow. */
  private boolean answerNext(RequestReader requests, OutputStream out)
      throws IOException, InterruptedException {
    within(host.limits().askWithin());
    try {
      PageRequest request = requests.next();
      if (request == null) {
        return false;
      }
      isAwaitingReader = false;
      host.connections().progressed(this);
      send(host.answers().to(request), AnswerHead.of(request), out);
      return request.keepsConnection();
    } catch (RefusedRequestException e) {
      AdminPage.Answer refusal = AdminPage.Answer.text(e.status(), e.getMessage() + "\n");
      send(refusal, AnswerHead.OF_REFUSAL, out);
      return false;
    }
  }

  private void send(AdminPage.Answer answer, AnswerHead head, OutputStream out) throws IOException {
    try (AdminPage.Stream stream = answer.stream()) {
      host.memory().hold(this, answer.body().length); // a reader may not even take the head
      write(head.bytes(answer), out);
      if (head.isWithoutBody()) {
        return;
      }
      if (stream != null) {
        ReaderOutput body = new ReaderOutput(out, this, head.isChunked(answer));
        stream.writeTo(body);
        body.end();
      } else {
        write(answer.body(), out);
      }
    } finally {
      host.memory().release(this);
    }
  }

  private void write(byte[] bytes, OutputStream out) throws IOException {
    new ReaderOutput(out, this, false).write(bytes);
  }

  @Override
  public void pieceBegins() {
    within(host.limits().takenWithin());
  }

  @Override
  public void pieceTaken() {
    isAwaitingReader = false;
    host.connections().progressed(this);
    host.memory().progressed(this);
  }

  private void leave(Socket talking, RequestReader requests) throws IOException {
    within(LEAVE_WITHIN);
    talking.shutdownOutput();
    requests.drain();
  }

  private void within(Duration time) {
    overAtNanos = System.nanoTime() + time.toNanos();
    isAwaitingReader = true;
  }

  /** Whether it waits for its reader: to ask, or to take a piece. Any thread. */
  boolean isAwaitingReader() {
    return isAwaitingReader;
  }

  /** Gives it up when its reader has taken too long. Any thread. */
  void giveUpWhenOver(long nowNanos) {
    if (isAwaitingReader && nowNanos - overAtNanos >= 0) {
      giveUp();
    }
  }

  /** Closes it, whatever it is doing. Any thread; does not wait. */
  void giveUp() {
    try {
      socket.close();
    } catch (IOException e) {
      log.atDebug().setCause(e).log("connection of the admin port not closed");
    }
    Thread working = worker;
    if (working != null) {
      working.interrupt(); // it may wait for its turn, or record
    }
  }
}
