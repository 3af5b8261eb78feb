package ai.llmd.epp.adapter.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.port.out.EndpointDiscovery.DiscoveryException;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointListTest {

  private static List<Endpoint> parse(String text) throws DiscoveryException {
    return EndpointList.parse("f.yaml", AddressRules.LITERALS, text.getBytes(UTF_8));
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(DiscoveryException.class)
        .hasMessage(message);
  }

  private static String entry(String fields) {
    return "endpoints:\n- {name: a, " + fields + "}\n";
  }

  @Test
  void readsTheEndpointsOfTheDocumentedExample() throws Exception {
    assertThat(
            parse(
                """
                endpoints:
                - name: worker-a
                  namespace: lab
                  address: 192.0.2.11
                  port: "8000"
                  labels:
                    llm-d.ai/role: both
                - name: worker-b
                  address: 192.0.2.12
                  port: "8000"
                """))
        .containsExactly(
            Endpoint.of(
                new EndpointId("lab", "worker-a"),
                "192.0.2.11",
                8000,
                Map.of("llm-d.ai/role", "both")),
            Endpoint.of(new EndpointId("default", "worker-b"), "192.0.2.12", 8000, Map.of()));
  }

  @Test
  void readsJson() throws Exception {
    assertThat(
            parse(
                "{\"endpoints\":[{\"name\":\"a\",\"namespace\":\"\",\"address\":\"10.0.0.1\","
                    + "\"port\":\"80\",\"labels\":null}]}"))
        .containsExactly(Endpoint.of(new EndpointId("default", "a"), "10.0.0.1", 80, Map.of()));
  }

  @Test
  void ignoresUnknownFieldsAndTheCaseOfKnownOnes() throws Exception {
    assertThat(parse("kind: x\nEndpoints:\n- {Name: a, Address: 10.0.0.1, port: '80', zone: [1]}"))
        .hasSize(1);
  }

  @Test
  void takesForATextWhatIsNoJson() throws Exception {
    Endpoint endpoint =
        parse(entry("address: 10.0.0.1, port: 080, labels: {rev: 0012345, x: True, n: }"))
            .getFirst();
    assertThat(endpoint.port()).isEqualTo(80);
    assertThat(endpoint.labels()).isEqualTo(Map.of("rev", "0012345", "x", "True", "n", ""));
  }

  @Test
  void keepsMessagesShort() {
    String address = "x".repeat(100_000);
    assertThatThrownBy(() -> parse(entry("address: " + address + ", port: '80'")))
        .message()
        .hasSizeLessThan(400)
        .startsWith("f.yaml:2:22: endpoints[0].address: must be an IPv4")
        .endsWith("…");
  }

  @Test
  void takesAnEmptyListAtItsWord() throws Exception {
    assertThat(parse("endpoints: []\n")).isEmpty();
  }

  @Test
  void takesTheLaterOfTwoEntriesWithOneId() throws Exception {
    List<Endpoint> endpoints =
        parse(
            """
            endpoints:
            - {name: a, address: 10.0.0.1, port: "1"}
            - {name: a, namespace: other, address: 10.0.0.2, port: "2"}
            - {name: a, namespace: default, address: 10.0.0.3, port: "3"}
            """);
    assertThat(endpoints).extracting(Endpoint::port).containsExactly(2, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"::1", "2001:db8::8a2e:370:7334", "::ffff:192.0.2.1"})
  void takesIpv6Addresses(String address) throws Exception {
    Endpoint endpoint = parse(entry("address: '" + address + "', port: '8000'")).getFirst();
    assertThat(endpoint.address()).isEqualTo(address);
    assertThat(endpoint.metricsHost()).isEqualTo("[" + address + "]:8000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "worker-a.lab.svc",
        "10.1",
        "010.0.0.1",
        "256.0.0.1",
        "1.2.3.4.5",
        "1.2.3.4:80",
        "[::1]",
        "fe80::1%eth0",
        ":::",
        ""
      })
  void refusesWhatIsNoAddress(String address) {
    assertRefused(
        entry("address: '" + address + "', port: '8000'"),
        "f.yaml:2:22: endpoints[0].address: must be an IPv4 or IPv6 address, host names are not"
            + " resolved; was \""
            + address
            + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "-1", "8e3", "", " 80", "123456789012"})
  void refusesWhatIsNoPort(String port) {
    assertRefused(
        entry("address: 10.0.0.1, port: '" + port + "'"),
        "f.yaml:2:38: endpoints[0].port: must be within 1 and 65535, was \"" + port + "\"");
  }

  @Test
  void asksForQuotesAroundAPort() {
    assertRefused(
        "endpoints:\n- name: a\n  address: 10.0.0.1\n  port: 8000\n",
        "f.yaml:4:9: endpoints[0].port: must be a text, was 8000; put it in quotes");
  }

  @Test
  void namesEveryProblemWithItsLine() {
    assertRefused(
        """
        endpoints:
        - name: a
          address: host
          port: "80"
          labels: {tier: 1}
        - address: 10.0.0.1
          port: "80"
        - just text
        """,
        "f.yaml:3:12: endpoints[0].address: must be an IPv4 or IPv6 address, host names are not"
            + " resolved; was \"host\"; f.yaml:5:18: endpoints[0].labels.tier: must be a text, was"
            + " 1; put it in quotes; f.yaml:6:3: endpoints[1].name: is required; f.yaml:8:3:"
            + " endpoints[2]: must be a mapping, was \"just text\"");
    assertThatThrownBy(() -> parse("endpoints:\n" + "- x\n".repeat(12)))
        .hasMessageEndingWith(
            "f.yaml:11:3: endpoints[9]: must be a mapping, was \"x\"; and 2 more");
  }

  @Test
  void refusesAFileThatIsNoList() {
    assertRefused("", "f.yaml: the file is empty; no endpoints: endpoints: []");
    assertRefused("# nothing\n", "f.yaml: the file is empty; no endpoints: endpoints: []");
    assertRefused("a: b\n", "f.yaml:1:1: endpoints: must be a list, was missing");
    assertRefused("- a\n", "f.yaml:1:1: must be a mapping, was a list");
    assertRefused("\nendpoints: x\n", "f.yaml:2:12: endpoints: must be a list, was \"x\"");
    assertRefused("endpoints:\n", "f.yaml:1:11: endpoints: must be a list, was empty");
    assertRefused("endpoints: []\nendpoints: []\n", "f.yaml:2:1: endpoints: given twice");
    assertThatThrownBy(() -> parse("endpoints:\n- name: a\n  address: [\n"))
        .isInstanceOf(DiscoveryException.class)
        .hasMessageStartingWith("f.yaml:4:1: not readable as YAML: ");
    assertThatThrownBy(
            () -> EndpointList.parse("f.yaml", AddressRules.LITERALS, new byte[] {(byte) 0xFF}))
        .hasMessage("f.yaml: not UTF-8");
    assertRefused(
        "endpoints: []\n---\nendpoints: []\n", "f.yaml:3:1: the file must have one document");
    assertRefused(
        "endpoints:\n  " + "[".repeat(50_000), "f.yaml:2:202: nested more than 200 levels deep");
  }

  @Test
  void refusesFieldsAndLabelsThatAreGivenTwice() {
    assertRefused(
        entry("address: 10.0.0.1, port: '1', port: '2'"),
        "f.yaml:2:43: endpoints[0].port: given twice");
    assertRefused(
        entry("address: 10.0.0.1, port: '1', Port: '2'"),
        "f.yaml:2:43: endpoints[0].Port: given twice");
    assertRefused(
        entry("address: 10.0.0.1, port: '1', labels: {x: a, x: b}"),
        "f.yaml:2:58: endpoints[0].labels.x: given twice");
    assertRefused(
        entry("address: 10.0.0.1, port: '1', labels: x"),
        "f.yaml:2:51: endpoints[0].labels: must be a mapping, was \"x\"");
  }
}
