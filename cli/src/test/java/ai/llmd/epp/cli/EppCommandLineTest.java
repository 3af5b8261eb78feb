package ai.llmd.epp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.cli.CommandLineResult.Exit;
import ai.llmd.epp.cli.CommandLineResult.Run;
import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.FlagValues;
import ai.llmd.epp.tls.TlsVersion;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EppCommandLineTest {

  @Test
  void nothingButAPoolNameGivesTheDefaults() {
    Options options = inHeapOf(2L << 30);
    assertThat(options)
        .isEqualTo(
            new Options(
                new Options.Configuration("", "", true, false, List.of(), List.of()),
                new Options.Objects("", ""),
                false,
                false,
                new Options.Pool("pool", "default", true, "inference.networking.k8s.io"),
                new Options.Kubernetes("", List.of(), "", "", false),
                new Options.Server(
                    9002,
                    9003,
                    false,
                    0,
                    false,
                    false,
                    false,
                    Duration.ofSeconds(30),
                    Duration.ofMillis(500),
                    true),
                new Options.Tls(true, "", false, TlsVersion.TLS_1_2, List.of()),
                new Options.Metrics(
                    "",
                    9090,
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    true,
                    Options.Diagnostics.FOR_KNOWN_READERS,
                    new Options.MetricsAccess(true, null, null)),
                new Options.Tracing(true, Map.of()),
                new Options.Limits(
                    64L << 20,
                    512L << 20,
                    20_000,
                    new Options.Connections(
                        10_000, 100_000, Duration.ofSeconds(30), Duration.ofSeconds(60)),
                    5_000,
                    Duration.ofMinutes(2),
                    2048),
                2));
  }

  private static Options inHeapOf(long bytes, String... flags) {
    String[] all =
        Stream.concat(Stream.of("--pool-name=pool"), Stream.of(flags)).toArray(String[]::new);
    return ((CommandLineResult.Run) EppCommandLine.parse(Map.of(), bytes, all)).options();
  }

  @Test
  void boundsThatAreNotGivenFollowTheHeap() {
    Options.Limits small = inHeapOf(300L << 20).limits();
    assertThat(small.bufferedBytes()).isEqualTo(100L << 20);
    assertThat(small.streams()).isEqualTo(4_800);
    assertThat(small.connections().streams()).isEqualTo(2_400);

    Options.Limits given =
        inHeapOf(300L << 20, "--max-buffered-bytes=512Mi", "--max-streams=20000").limits();
    assertThat(given.bufferedBytes()).isEqualTo(512L << 20);
    assertThat(given.streams()).isEqualTo(20_000);
  }

  @Test
  void valuesFollowAnEqualsSignOrABlankAndTheLastOneCounts() {
    assertThat(options("--grpc-port=1", "--grpc-port", "2").server().grpcPort()).isEqualTo(2);
  }

  @Test
  void booleansNeedNoValue() {
    Options options = options("--emit-endpoint-scores", "--secure-serving=false", "--validate");
    assertThat(options.server().emitsScores()).isTrue();
    assertThat(options.tls().isEnabled()).isFalse();
    assertThat(options.validateOnly()).isTrue();
    assertThat(options("--explain-config").explainOnly()).isTrue();
    assertThat(options("--reload-config=false").configuration().followsFile()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "-v 4, 4",
    "-v=5, 5",
    "--v 3, 3",
    "--v=0, 0",
    "-v=-3, 2",
    "--zap-log-level=debug, 1",
    "--zap-log-level=7, 7",
    "--zap-log-level=ERROR, -1",
    "--zap-log-level=info, 0"
  })
  void verbosityComesFromEitherFlag(String flags, int verbosity) {
    assertThat(options(flags.split(" ")).verbosity()).isEqualTo(verbosity);
  }

  @Test
  void helpShowsEveryVisibleFlagAndExitsWithZero() {
    Exit exit = exit("--help");
    assertThat(exit.code()).isZero();
    Flags.VISIBLE.forEach(flag -> assertThat(exit.text()).contains(flag.name()));
    Flags.REMOVED.forEach(flag -> assertThat(exit.text()).doesNotContain(flag.name()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--nope",
        "positional",
        "--grpc-port=many",
        "--grpc-port",
        "--tracing=perhaps",
        "--drain-timeout=30",
        "--zap-encoder=xml",
        "--zap-log-level=0",
        "--zap-log-level=loud",
        "--zap-time-encoding=sundial",
        "--max-streams=0",
        "--max-request-body-size=0",
        "--max-buffered-bytes=lots",
        "--decisions-kept=-1",
        "--grpc-server=netty",
        "--endpoint-target-ports=a"
      })
  void whatCannotBeReadIsAUsageError(String flag) {
    Exit exit = exit("--pool-name=pool", flag);
    assertThat(exit.code()).isEqualTo(2);
    assertThat(exit.text()).startsWith(flag.replaceFirst("=.*", "") + ": ").doesNotContain("\n");
  }

  @Test
  void aUsageErrorNamesFlagAndValue() {
    assertThat(exit("--drain-timeout=30").text())
        .isEqualTo("--drain-timeout: must be a duration such as 250ms or 1m30s, was \"30\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--endpoint-target-ports=-1 | --endpoint-target-ports: must be within 0 and 65535, was -1",
        "--endpoint-target-ports=65536 | must be within 0 and 65535, was 65536",
        "--grpc-port=65536 | --grpc-port: must be within 0 and 65535",
        "--drain-timeout=-1s | --drain-timeout: must not be negative",
        "--grpc-max-recv-msg-size=10invalid | --grpc-max-recv-msg-size: must be a quantity",
        "--grpc-max-recv-msg-size=abc | must be a quantity such as 1Gi, 500M or 100",
        "--grpc-max-recv-msg-size=-10Mi | must not be negative",
        "--grpc-max-recv-msg-size=10Ei | is too large",
        "--grpc-max-send-msg-size=1x | --grpc-max-send-msg-size: must be a quantity",
        "--grpc-max-send-msg-size=-1 | must not be negative",
        "--refresh-prometheus-metrics-interval=-1s | must not be negative",
        "--tls-min-version=TLS12 | --tls-min-version: unknown TLS version \"TLS12\"; known:"
            + " VersionTLS10",
        "--tls-cipher-suites=TLS_NULL | unknown cipher suite \"TLS_NULL\"",
        "--lora-info-metric= | --lora-info-metric: removed; use engineConfigs",
        "--cache-info-metric=x | use engineConfigs of core-metrics-extractor",
      })
  void whatCannotBeUsedIsRefusedWithAReason(String flag, String reason) {
    Exit exit = exit("--pool-name=pool", flag);
    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.text()).contains(reason).doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--tracing", "--tracing=true", "--tracing true", "--tracing=1"})
  void tracesAreAcceptedWithoutAWarning(String flags) {
    assertThat(run(flags.split(" ")).warnings()).isEmpty();
    assertThat(run(flags.split(" ")).options().tracing().isOn()).isTrue();
  }

  @Test
  void tracesAreOnUnlessTurnedOff() {
    assertThat(options("--pool-name=p").tracing().isOn()).isTrue();
  }

  @Test
  void ofTheEnvironmentOnlyOpenTelemetrysVariablesAreKept() {
    var environment = Map.of("OTEL_TRACES_EXPORTER", "otlp", "HOME", "/root");
    var result = (CommandLineResult.Run) EppCommandLine.parse(environment, "--pool-name=p");
    assertThat(result.options().tracing().environment())
        .isEqualTo(Map.of("OTEL_TRACES_EXPORTER", "otlp"));
    assertThat(result.options().toString()).doesNotContain("otlp");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--tracing=false", "--tracing false", "--tracing=0", "--tracing --tracing=false"})
  void whoAsksForNoTracesIsNotWarned(String flags) {
    assertThat(run(flags.split(" ")).warnings()).isEmpty();
    assertThat(run(flags.split(" ")).options().tracing().isOn()).isFalse();
  }

  @Test
  void aPoolNameIsRequiredAndExcludesASelector() {
    assertThat(exit()).isEqualTo(new Exit(1, "either pool-name or endpoint-selector must be set"));
    assertThat(exit("--endpoint-selector=a=b", "--pool-name=p").text())
        .contains("exclude each other");
  }

  @Test
  void aSelectorNeedsItsPortsAndASyntaxThatKubernetesKnows() {
    assertThat(exit("--endpoint-selector=app=vllm").text())
        .isEqualTo(
            "--endpoint-target-ports: 1 to 8 ports are needed with --endpoint-selector, were 0");
    assertThat(exit("--endpoint-selector=a=b", "--endpoint-target-ports=1,2,3,4,5,6,7,8,9").text())
        .contains("were 9");
    assertThat(exit("--endpoint-selector=a in b", "--endpoint-target-ports=8000").text())
        .isEqualTo("--endpoint-selector: expected \"(\" at position 6 of \"a in b\"");
    assertThat(
            options(
                    "--pool-name=",
                    "--endpoint-selector=a in (b,c),!d",
                    "--endpoint-target-ports=8000,8001,8000")
                .kubernetes())
        .isEqualTo(new Options.Kubernetes("a in (b,c),!d", List.of(8000, 8001), "", "", false));
  }

  @Test
  void leaderElectionIsAFlag() {
    assertThat(options("--ha-enable-leader-election").kubernetes().electsLeader()).isTrue();
    assertThat(
            options("--ha-enable-leader-election", "--ha-enable-leader-election=false")
                .kubernetes()
                .electsLeader())
        .isFalse();
  }

  @Test
  void filesOfObjectsExcludeASelector() {
    assertThat(options("--objectives-file=o", "--rewrites-file=r").objects())
        .isEqualTo(new Options.Objects("o", "r"));
    assertThat(exit("--endpoint-selector=a=b", "--rewrites-file=r").text())
        .contains(
            "objectives-file and rewrites-file are for endpoints from a file, and exclude"
                + " endpoint-selector");
  }

  @Test
  void configFileExcludesConfigText() {
    assertThat(exit("--pool-name=p", "--config-file=a", "--config-text=b"))
        .isEqualTo(new Exit(1, "config-text and config-file exclude each other"));
  }

  @Test
  void allMistakesAreReportedTogether() {
    assertThat(exit("--tls-min-version=x", "--grpc-max-recv-msg-size=y").text().lines()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--ha-enable-leader-election=false",
        "--zap-devel=false",
        "--zap-encoder=console",
        "--zap-stacktrace-level=error",
        "--zap-time-encoding=rfc3339nano",
        "--endpoint-target-ports=8000,8001",
        "--metrics-cert-dir=",
      })
  void flagsWithoutEffectHereAreAccepted(String flag) {
    assertThat(options(flag)).isEqualTo(options());
  }

  @ParameterizedTest
  @CsvSource({
    "10485760, 10485760",
    "10Mi, 10485760",
    "20M, 20000000",
    "10MiB, 10485760",
    "20MB, 20000000",
    "0, 0",
    "8Gi, 2147483647"
  })
  void messageSizesAreQuantitiesWithAnOptionalB(String text, int bytes) {
    assertThat(options("--grpc-max-recv-msg-size=" + text).server().maxReceivedBytes())
        .isEqualTo(bytes);
  }

  @Test
  void aScrapeIntervalBelowFiftyMillisecondsIsRaisedWithAWarning() {
    Run run = run("--refresh-metrics-interval=10ms");
    assertThat(run.options().metrics().scrapeInterval()).isEqualTo(Duration.ofMillis(50));
    assertThat(run.warnings()).containsExactly("--refresh-metrics-interval is raised to 50ms");
  }

  @Test
  void drainTimeoutIsADuration() {
    assertThat(options("--drain-timeout=1m5s").server().drainTimeout())
        .isEqualTo(Duration.ofSeconds(65));
  }

  @Test
  void diagnosticsCanBeSwitchedOff() {
    assertThat(options().metrics().diagnostics()).isEqualTo(Options.Diagnostics.FOR_KNOWN_READERS);
    assertThat(options("--enable-pprof").metrics().diagnostics()).isEqualTo(Options.Diagnostics.ON);
    assertThat(options("--enable-pprof=false").metrics().diagnostics())
        .isEqualTo(Options.Diagnostics.OFF);
  }

  @Test
  void tlsFlagsAreTranslated() {
    Options.Tls tls =
        options(
                "--tls-min-version=VersionTLS13",
                "--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA, ,TLS_RSA_WITH_AES_128_CBC_SHA")
            .tls();
    assertThat(tls.minVersion()).isEqualTo(TlsVersion.TLS_1_3);
    assertThat(tls.cipherSuites())
        .containsExactly("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA");
  }

  @Test
  void repeatedListsAddUpWithoutDuplicates() {
    assertThat(FlagValues.integers("3,1,3,2")).containsExactly(3, 1, 2);
    assertThat(
            options(
                    "--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA",
                    "--tls-cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA,TLS_RSA_WITH_RC4_128_SHA")
                .tls()
                .cipherSuites())
        .containsExactly("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA");
  }

  @Test
  void thePluginPathIsRepeatedOrSeparatedAsPathsAre() {
    String two = String.join(File.pathSeparator, "/a.jar", "", "plugins");

    assertThat(options("--plugin-path=" + two, "--plugin-path", "b.jar").configuration())
        .extracting(Options.Configuration::pluginPath)
        .isEqualTo(List.of(Path.of("/a.jar"), Path.of("plugins"), Path.of("b.jar")));
  }

  @Test
  void theNamespaceComesFromTheFlagThenTheEnvironment() {
    Map<String, String> environment = Map.of("NAMESPACE", "lab");
    Run fromEnvironment = (Run) EppCommandLine.parse(environment, "--pool-name=p");
    assertThat(fromEnvironment.options().pool())
        .isEqualTo(new Options.Pool("p", "lab", false, "inference.networking.k8s.io"));
    Run fromFlag =
        (Run) EppCommandLine.parse(environment, "--pool-name=p", "--pool-namespace=prod");
    assertThat(fromFlag.options().pool().namespace()).isEqualTo("prod");
  }

  @Test
  void everyFlagOfTheTableIsInTheVisibleListOnce() {
    long rows =
        Stream.of(Flags.class.getDeclaredFields())
            .filter(field -> field.getType() == Flag.class)
            .count();
    assertThat(Flags.VISIBLE).hasSize((int) rows).doesNotHaveDuplicates();
  }

  private static Options options(String... flags) {
    return run(flags).options();
  }

  private static Run run(String... flags) {
    CommandLineResult result =
        EppCommandLine.parse(
            Map.of(),
            Stream.concat(Stream.of("--pool-name=pool"), Stream.of(flags)).toArray(String[]::new));
    assertThat(result).isInstanceOf(Run.class);
    return (Run) result;
  }

  private static Exit exit(String... flags) {
    CommandLineResult result = EppCommandLine.parse(Map.of(), flags);
    assertThat(result).isInstanceOf(Exit.class);
    return (Exit) result;
  }
}
