using System.Globalization;

namespace Images.Lab.Machines;

/// <summary>
/// Pods that say their name to whoever connects. They need no image but the pause container that every node carries: their programs are the
/// machine's own, mounted read-only.
/// </summary>
internal static class EchoPods
{
    /// <summary>A Deployment and two Services: one of its name, and a headless one of <c>NAME-pods</c>.</summary>
    public static string Manifest(string name, int replicas, int nodePort) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: {{name}} }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: {{name}} } }
          template:
            metadata: { labels: { app: {{name}} } }
            spec:
              terminationGracePeriodSeconds: 1
              topologySpreadConstraints:
                - { maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { app: {{name}} } } }
              containers:
                - name: echo
                  image: images.local/pause:1
                  imagePullPolicy: Never
                  command: [/bin/sh, -c]
                  args:
                    - echo $(hostname) listens; exec socat TCP-LISTEN:8080,fork,reuseaddr 'SYSTEM:read request; echo HTTP/1.0 200 OK; echo; hostname'
                  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, timeoutSeconds: 20 }
                  volumeMounts: [{{MachinePrograms.Mounts}}]
              volumes: [{{MachinePrograms.Volumes}}]
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}} }
        spec:
          type: NodePort
          selector: { app: {{name}} }
          ports: [{ port: 80, targetPort: 8080, nodePort: {{nodePort}} }]
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}-pods }
        spec:
          clusterIP: None
          selector: { app: {{name}} }
          ports: [{ port: 8080 }]
        """);

    /// <summary>A shell's command that prints the name of the pod that answers.</summary>
    public static string Ask(string address, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"echo GET / | socat -t 30 - TCP:{address}:{port},connect-timeout=30 | tail -n 1");
}
