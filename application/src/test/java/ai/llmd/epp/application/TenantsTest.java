package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.withFairnessId;
import static ai.llmd.epp.application.RoutingFixture.withHeaders;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.request.ReceivedRequest;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TenantsTest {

  private static final PrefixSeparation BY_HEADER = new PrefixSeparation(false, "x-tenant");
  private static final PrefixSeparation BY_BOTH = new PrefixSeparation(true, "x-tenant");

  private static String salt(PrefixSeparation separation, long secret, ReceivedRequest request) {
    Tenants tenants = new Tenants(separation, secret);
    String fairnessId = tenants.fairnessId(request, new Facts());
    return tenants.separated(request, fairnessId).body().cacheSalt();
  }

  private static ReceivedRequest of(String tenant) {
    return withHeaders(Map.of("x-tenant", tenant));
  }

  private static ReceivedRequest salted(String clientSalt) {
    ReceivedRequest plain = of("a");
    return new ReceivedRequest(
        plain.requestId(), plain.headers(), plain.body().withCacheSalt(clientSalt), plain.hints());
  }

  @Test
  void leavesRequestsAsTheyAreUnlessTenantsAreKeptApart() {
    ReceivedRequest request = of("a");

    assertThat(new Tenants(PrefixSeparation.NONE, 7).separated(request, "f")).isSameAs(request);
  }

  @Test
  void givesEachTenantASaltOfItsOwnAndThoseWithoutOneAnother() {
    assertThat(salt(BY_HEADER, 0, of("a"))).isEqualTo(salt(BY_HEADER, 0, of("a"))).hasSize(32);
    assertThat(
            Stream.of(of("a"), of("b"), of(""), of("ab"))
                .map(request -> salt(BY_HEADER, 0, request))
                .distinct())
        .hasSize(4);
    assertThat(salt(BY_HEADER, 0, withHeaders(Map.of()))).isEqualTo(salt(BY_HEADER, 0, of("")));
  }

  @Test
  void tellsTheFairnessIdFromTheHeader() {
    assertThat(salt(BY_BOTH, 0, withFairnessId("a"))).isNotEqualTo(salt(BY_BOTH, 0, of("a")));
    assertThat(salt(BY_BOTH, 0, withFairnessId("a")))
        .isNotEqualTo(salt(BY_BOTH, 0, withFairnessId("b")));
  }

  @Test
  void keepsTheSaltOfTheClientAndEndsWithItsTenant() {
    String tenant = salt(BY_HEADER, 0, of("a"));

    assertThat(salt(BY_HEADER, 0, salted("own"))).isEqualTo("own" + tenant);
  }

  @Test
  void dependsOnTheSecretOfThePool() {
    assertThat(salt(BY_HEADER, 1, of("a"))).isNotEqualTo(salt(BY_HEADER, 2, of("a")));
  }

  @Test
  void namesAnAgentBySomethingThatItsSessionCannotBeReadFrom() {
    Facts facts = new Facts();
    facts.put(RequestAttribute.AGENT_IDENTITY, "sess-SECRET-TOKEN");

    String named = new Tenants(PrefixSeparation.NONE, 1).fairnessId(of("a"), facts);

    assertThat(named).matches("agent-[0-9a-f]{16}");
    assertThat(new Tenants(PrefixSeparation.NONE, 1).fairnessId(of("b"), facts)).isEqualTo(named);
    assertThat(new Tenants(PrefixSeparation.NONE, 2).fairnessId(of("a"), facts))
        .isNotEqualTo(named);
  }
}
