"""Real packets through a node's rules. Runs in a fresh network namespace, which is the node; stdin: {"rules": text, "load": command that reads it,
"save": command, "flows": [[client, protocol, address, port, count], ...]}. Prints, for each flow, the answers ("SERVER sees CLIENT") or errors,
and then what the second command says."""
import json, os, subprocess, sys, tempfile

SERVER = r'''
import socket, sys, threading
own = sys.argv[1]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind((own, 8080))
tcp = socket.socket(); tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); tcp.bind((own, 8080)); tcp.listen(64)
def serve_udp():
    while True:
        _, peer = udp.recvfrom(100)
        udp.sendto(f"{own} sees {peer[0]}".encode(), peer)
threading.Thread(target=serve_udp, daemon=True).start()
print("ready", flush=True)
while True:
    c, peer = tcp.accept()
    c.sendall(f"{own} sees {peer[0]}".encode()); c.close()
'''
CLIENT = r'''
import socket, sys
protocol, address, port, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for _ in range(count):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    s.settimeout(0.7)
    try:
        s.connect((address, port))
        if protocol == "udp": s.send(b"x")
        print(s.recv(100).decode())
    except ConnectionRefusedError: print("refused")
    except (TimeoutError, socket.timeout): print("timeout")
    s.close()
'''
HOSTS = {"pod-a": "10.32.1.10", "pod-b": "10.32.2.20", "pod-c": "10.32.3.30", "out": "192.0.2.1", "friend": "203.0.113.200"}
job = json.load(sys.stdin)
run = lambda *argv, **kw: subprocess.run(argv, check=True, text=True, capture_output=True, **kw).stdout
name = lambda host: f"wlkp{os.getpid()}-{host}"
servers = []
try:
    run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0")
    run("ip", "link", "set", "lo", "up")
    for i, (host, ip) in enumerate(HOSTS.items()):
        ns = name(host)
        run("ip", "netns", "add", ns)
        run("ip", "link", "add", f"v{i}", "type", "veth", "peer", "name", "eth0", "netns", ns)
        run("ip", "addr", "add", "10.0.0.5/32", "dev", f"v{i}")
        run("ip", "link", "set", f"v{i}", "up")
        run("ip", "route", "add", ip, "dev", f"v{i}")
        run("ip", "-n", ns, "addr", "add", f"{ip}/32", "dev", "eth0")
        for dev in ("lo", "eth0"): run("ip", "-n", ns, "link", "set", dev, "up")
        run("ip", "-n", ns, "route", "add", "default", "via", "10.0.0.5", "dev", "eth0", "onlink")
    run("ip", "route", "add", "default", "via", HOSTS["out"], "dev", "v3", "onlink")
    run(*job["load"], input=job["rules"])
    for host in ("pod-b", "pod-c"):
        servers.append(subprocess.Popen(["ip", "netns", "exec", name(host), sys.executable, "-c", SERVER, HOSTS[host]], stdout=subprocess.PIPE))
        servers[-1].stdout.readline()
    answers = [
        run("ip", "netns", "exec", name(client), sys.executable, "-c", CLIENT, protocol, address, str(port), str(count)).split("\n")[:-1]
        for client, protocol, address, port, count in job["flows"]
    ]
    print(json.dumps({"answers": answers, "saved": run(*job["save"])}))
finally:
    for server in servers: server.kill(); server.wait()
    for host in HOSTS: subprocess.run(["ip", "netns", "del", name(host)], capture_output=True)
