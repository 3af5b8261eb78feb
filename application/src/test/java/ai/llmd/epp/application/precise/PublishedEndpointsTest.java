package ai.llmd.epp.application.precise;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PublishedEndpointsTest {

  private final PublishedEndpoints endpoints = new PublishedEndpoints();

  private String put(int slot, String address) {
    EndpointId id = new EndpointId("ns", "p" + slot);
    return endpoints.put(new EndpointState(slot, slot, Endpoint.of(id, address, 8000, Map.of())));
  }

  @Test
  void knowsAnEndpointUntilItsNameIsForgotten() {
    String name = put(3, "10.0.0.1");
    assertThat(endpoints.take(3)).isEqualTo(name);
    assertThat(endpoints.applyAsInt(name)).isEqualTo(3);
    endpoints.forget(name, 3);
    assertThat(endpoints.applyAsInt(name)).isNegative();
  }

  @Test
  void keepsAnAddressThatAnotherEndpointHasNow() {
    String name = put(3, "10.0.0.1");
    put(4, "10.0.0.1");
    endpoints.take(3);
    endpoints.forget(name, 3);
    assertThat(endpoints.applyAsInt(name)).isEqualTo(4);
  }

  /** What the first change leaves is forgotten when the second one has been noted. */
  @Test
  void keepsAnAddressThatAnEndpointHasAgain() {
    String first = put(3, "10.0.0.1");
    String second = put(3, "10.0.0.2");
    put(3, "10.0.0.1");
    endpoints.forget(first, 3);
    endpoints.forget(second, 3);
    assertThat(endpoints.applyAsInt(first)).isEqualTo(3);
    assertThat(endpoints.applyAsInt(second)).isNegative();
  }
}
