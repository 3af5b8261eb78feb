/** The HTTP server for operators: metrics, decisions, probes, diagnostics. */
@NullMarked
package ai.llmd.epp.bootstrap.admin;

import org.jspecify.annotations.NullMarked;
