package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers as an API server does, and sometimes as an overloaded or restarted one. */
final class FaultyApi extends KubernetesCrudDispatcher {

  private static final String GONE =
      """
      {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,\
      "message":"too old resource version: 1 (2)"}\
      """;

  final AtomicInteger goneWatches = new AtomicInteger();
  final AtomicInteger watches = new AtomicInteger();
  final AtomicInteger lists = new AtomicInteger();
  final List<String> forbidden = new CopyOnWriteArrayList<>();
  volatile Duration delay = Duration.ZERO;

  @Override
  public MockResponse handleGet(String path) {
    if (forbidden.stream().anyMatch(path::contains)) {
      return new MockResponse().setResponseCode(HttpURLConnection.HTTP_FORBIDDEN).setBody("{}");
    }
    boolean isWatch = path.contains("watch=true");
    (isWatch ? watches : lists).incrementAndGet();
    if (isWatch && goneWatches.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      return new MockResponse().setResponseCode(HttpURLConnection.HTTP_GONE).setBody(GONE);
    }
    MockResponse response = super.handleGet(path);
    return isWatch || delay.isZero() ? response : response.setBodyDelay(delay);
  }
}
