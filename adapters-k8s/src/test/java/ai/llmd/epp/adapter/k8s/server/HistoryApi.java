package ai.llmd.epp.adapter.k8s.server;

import ai.llmd.epp.adapter.k8s.server.StoredObjects.Change;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An API server that remembers what happened, which fabric8's mock in CRUD mode does not: a list
 * carries the version at which it was read, a watch sends everything that came after its version,
 * and is refused with 410 Gone when that has been compacted away. Objects of every kind, the
 * selector {@code metadata.name}, watches over web sockets; all on one event loop.
 */
final class HistoryApi implements ApiServer.Backend {

  private record Watcher(
      String collection, @Nullable String name, long since, ServerWebSocket socket) {

    /** What came before the version that was asked for is not sent, whenever it comes. */
    void send(Change change) {
      if (change.version() > since && change.isIn(collection, name)) {
        ObjectNode event = JSON.createObjectNode().put("type", change.type());
        event.set("object", change.object());
        socket.writeTextMessage(event.toString());
      }
    }
  }

  private static final Pattern COLLECTION =
      Pattern.compile("(/api/v1|/apis/[^/]+/[^/]+)(/namespaces/[^/]+)?/[^/]+");
  private static final Pattern GROUP = Pattern.compile("/apis/[^/]+/[^/]+");
  private static final String DEFINITIONS =
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

  private static final JsonMapper JSON = new JsonMapper();

  private final Faults faults;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpServer server;
  private final List<Watcher> watchers = new ArrayList<>(); // the event loop's
  private final StoredObjects objects =
      new StoredObjects(change -> watchers.forEach(watcher -> watcher.send(change)));

  HistoryApi(Faults faults) {
    this.faults = faults;
    server = await(vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"));
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  @Override
  public int port() {
    return server.actualPort();
  }

  /** No present watch can go on from its version once it has ended. */
  @Override
  public void forgetHistory() {
    onLoop(objects::compact);
  }

  @Override
  public void backUp() {
    onLoop(objects::backUp);
  }

  /** Ends the watches, which may begin again from where they were: in the future. */
  @Override
  public void restore() {
    onLoop(
        () -> {
          objects.restore();
          List.copyOf(watchers).forEach(watcher -> watcher.socket().close());
        });
  }

  private void onLoop(Runnable work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    vertx.runOnContext(
        nothing -> {
          work.run();
          done.complete(null);
        });
    done.join();
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private void answer(HttpServerRequest request) {
    String agent = request.getHeader("User-Agent");
    faults.note(request.method().name(), request.uri(), agent);
    boolean isKnown =
        faults.token.isEmpty()
            || ApiServer.INSIDER.equals(agent)
            || ("Bearer " + faults.token).equals(request.getHeader("Authorization"));
    if (!isKnown) {
      refuse(request, HttpURLConnection.HTTP_UNAUTHORIZED);
      return;
    }
    switch (request.method().name()) {
      case "GET" -> read(request);
      case "DELETE" -> reply(request, objects.remove(path(request)));
      default -> request.body().onSuccess(body -> write(request, body));
    }
  }

  private void later(Runnable answering) {
    if (faults.delay.isZero()) {
      answering.run();
    } else {
      vertx.setTimer(faults.delay.toMillis(), timer -> answering.run());
    }
  }

  private void write(HttpServerRequest request, Buffer body) {
    int refusal = faults.writeRefusal(request.uri(), request.getHeader("User-Agent"));
    if (refusal > 0) {
      refuse(request, refusal);
      return;
    }
    JsonNode object = JSON.readTree(body.getBytes());
    boolean isNew = HttpMethod.POST.equals(request.method());
    String path =
        isNew ? path(request) + "/" + object.at("/metadata/name").asString() : path(request);
    if (isNew == (objects.get(path) == null)) {
      reply(request, objects.put(path, object));
    } else {
      refuse(request, isNew ? HttpURLConnection.HTTP_CONFLICT : HttpURLConnection.HTTP_NOT_FOUND);
    }
  }

  private void read(HttpServerRequest request) {
    int refusal = faults.refusal(request.uri());
    if (refusal > 0) {
      refuse(request, refusal);
    } else if (Faults.isWatch(request.uri())) {
      watch(request);
    } else if (COLLECTION.matcher(path(request)).matches()) {
      later(() -> list(request));
    } else if (GROUP.matcher(path(request)).matches()) {
      discover(request);
    } else {
      reply(request, objects.get(path(request)));
    }
  }

  /** Which kinds there are of a group: those whose definitions are stored. */
  private void discover(HttpServerRequest request) {
    ObjectNode found = JSON.createObjectNode().put("kind", "APIResourceList");
    ArrayNode resources = found.putArray("resources");
    objects
        .all()
        .filter(change -> change.isIn(DEFINITIONS, null))
        .map(change -> change.object().path("spec"))
        .filter(spec -> path(request).startsWith("/apis/" + spec.path("group").asString() + "/"))
        .forEach(spec -> resources.addObject().put("name", spec.at("/names/plural").asString()));
    reply(request, resources.isEmpty() ? null : found);
  }

  private void list(HttpServerRequest request) {
    ObjectNode list = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "List");
    list.putObject("metadata").put("resourceVersion", Long.toString(objects.version()));
    ArrayNode items = list.putArray("items");
    objects
        .all()
        .filter(change -> change.isIn(path(request), selectedName(request)))
        .forEach(change -> items.add(change.object()));
    reply(request, list);
  }

  private void watch(HttpServerRequest request) {
    long since = Long.parseLong(Objects.requireNonNull(request.getParam("resourceVersion")));
    if (objects.remembers(since)) {
      request.toWebSocket().onSuccess(socket -> send(since, watcher(request, since, socket)));
    } else {
      faults.refusedWatches.incrementAndGet();
      if (faults.refusesByStatus) {
        refuse(request, HttpURLConnection.HTTP_GONE);
      } else {
        request.toWebSocket().onSuccess(HistoryApi::sendGone);
      }
    }
  }

  private Watcher watcher(HttpServerRequest request, long since, ServerWebSocket socket) {
    return new Watcher(path(request), selectedName(request), since, socket);
  }

  private void send(long since, Watcher watcher) {
    objects.after(since).forEach(watcher::send);
    watchers.add(watcher);
    watcher.socket().closeHandler(nothing -> watchers.remove(watcher));
  }

  private static void sendGone(ServerWebSocket socket) {
    ObjectNode event = JSON.createObjectNode().put("type", "ERROR");
    event.set("object", status(HttpURLConnection.HTTP_GONE));
    socket.writeTextMessage(event.toString()).onComplete(nothing -> socket.close());
  }

  private static @Nullable String selectedName(HttpServerRequest request) {
    String selector = request.getParam("fieldSelector", "");
    return selector.isEmpty() ? null : selector.substring("metadata.name=".length());
  }

  private static String path(HttpServerRequest request) {
    return Objects.requireNonNull(request.path());
  }

  private static void reply(HttpServerRequest request, @Nullable ObjectNode object) {
    if (object == null) {
      refuse(request, HttpURLConnection.HTTP_NOT_FOUND);
    } else {
      request.response().putHeader("content-type", "application/json").end(object.toString());
    }
  }

  private static void refuse(HttpServerRequest request, int code) {
    request
        .response()
        .setStatusCode(code)
        .putHeader("content-type", "application/json")
        .end(status(code).toString());
  }

  private static ObjectNode status(int code) {
    return JSON.createObjectNode()
        .put("apiVersion", "v1")
        .put("kind", "Status")
        .put("status", "Failure")
        .put("code", code);
  }
}
