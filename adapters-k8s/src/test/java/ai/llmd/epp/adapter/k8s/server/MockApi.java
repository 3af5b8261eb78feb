package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.util.HashMap;

/** fabric8's mock in CRUD mode. It has no history: a watch begins with everything there is. */
final class MockApi implements ApiServer.Backend {

  private final KubernetesMockServer server;

  MockApi(Faults faults) {
    server =
        new KubernetesMockServer(
            new Context(Serialization.jsonMapper()),
            new MockWebServer(),
            new HashMap<>(),
            new FaultyApi(faults),
            false);
    server.init();
  }

  @Override
  public int port() {
    return server.getPort();
  }

  @Override
  public void forgetHistory() {
    throw new UnsupportedOperationException("the mock in CRUD mode has no history");
  }

  @Override
  public void backUp() {
    throw new UnsupportedOperationException("the mock in CRUD mode has no versions");
  }

  @Override
  public void restore() {
    throw new UnsupportedOperationException("the mock in CRUD mode has no versions");
  }

  @Override
  public void close() {
    server.destroy();
  }
}
