/**
 * The whole program within the test's own process, on free ports: real gRPC in front, real HTTP
 * model servers behind.
 */
@NullMarked
package ai.llmd.epp.acceptance.inprocess;

import org.jspecify.annotations.NullMarked;
