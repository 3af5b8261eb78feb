/**
 * What servers need for TLS, whoever they are written with: versions and cipher suites by the names
 * of the flags, a certificate with its key, made or read and followed. And which authorities
 * clients trust that name none.
 */
@NullMarked
package ai.llmd.epp.tls;

import org.jspecify.annotations.NullMarked;
