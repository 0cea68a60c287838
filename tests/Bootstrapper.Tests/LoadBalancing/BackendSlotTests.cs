using Images.Bootstrapper.LoadBalancing;

namespace Images.Bootstrapper.Tests.LoadBalancing;

public sealed class BackendSlotTests
{
    private const string Header = "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

    [Theory]
    [InlineData(0, SlotState.On)]
    [InlineData(5, SlotState.Off)]
    [InlineData(1, SlotState.Off)]
    [InlineData(4, SlotState.On)] // that it was off in the configuration, and is not any more
    [InlineData(8, SlotState.Draining)]
    [InlineData(12, SlotState.Draining)]
    public void A_place_is_as_haproxy_s_administrative_state_says(int admin, object state)
    {
        BackendSlot slot = BackendSlot.Read($"1\n{Header}\n3 masters 1 s0 10.240.0.21 2 {admin} 1 1 5 15 3 4 6 0 0 0 - 6443 - 0 0 - - 0\n\n").ShouldHaveSingleItem();

        slot.ShouldBe(new BackendSlot { Backend = "masters", Name = "s0", Address = "10.240.0.21", Port = 6443, State = (SlotState)state, IsUp = true });
    }

    [Theory]
    [InlineData("")]
    [InlineData("Unknown command\n")]
    [InlineData("2\n# be_id be_name srv_id srv_name srv_addr srv_port srv_admin_state srv_op_state\n")]
    [InlineData("1\n# be_id be_name srv_id srv_name srv_addr srv_port srv_admin_state srv_op_state\n3 masters 1\n")]
    [InlineData("1\n# be_id be_name srv_id srv_name srv_addr srv_port srv_admin_state srv_op_state\n3 masters 1 s0 10.0.0.1 many 0 2\n")]
    public void What_is_no_list_of_servers_is_refused(string answer) =>
        Should.Throw<InvalidDataException>(() => BackendSlot.Read(answer));

    [Fact]
    public void Connections_are_counted_by_server()
    {
        IReadOnlyDictionary<string, int> sessions = HaproxySessions.Read("# pxname,svname,qcur,qmax,scur,smax\nmasters,s0,0,0,7,9\nmasters,s1,0,0,0,1\n");

        (sessions["masters/s0"], sessions["masters/s1"], sessions.Count).ShouldBe((7, 0, 2));
        HaproxySessions.Read("Unknown command").ShouldBeEmpty();
    }
}
